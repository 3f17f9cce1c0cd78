package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.time.TestTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Motorola MC146818 data sheet, register by register, through ports 0x70 and 0x71. */
class RtcTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int A = 0x0a;
  private static final int B = 0x0b;
  private static final int C = 0x0c;
  private static final int D = 0x0d;
  private static final int SET = 0x80;
  private static final int PIE = 0x40;
  private static final int AIE = 0x20;
  private static final int UIE = 0x10;
  private static final int HOURS_24 = 0x02;
  private static final int BINARY = 0x04;

  private final TestTime time = new TestTime();
  private final AddressBus ports = new AddressBus("ports", 0x10000);
  private final List<Long> rises = new ArrayList<>();
  private boolean irq8;

  @BeforeEach
  void attach() {
    new Rtc(
            time.events,
            Instant.parse("2026-01-31T23:59:58Z"),
            high -> {
              if (high && !irq8) {
                rises.add(time.now());
              }
              irq8 = high;
            })
        .attach(ports);
  }

  @Test
  void theTimeIsTheConfiguredInstantPlusVirtualTimeInBcd() {
    assertThat(dateTime()).isEqualTo("20 26-01-31 23:59:58");
    assertThat(read(6)).as("Saturday").isEqualTo(7);
    time.run(2 * SECOND);
    assertThat(dateTime()).isEqualTo("20 26-02-01 00:00:00");
    assertThat(read(6)).as("Sunday").isEqualTo(1);
  }

  @Test
  void aFractionOfTheConfiguredSecondBringsTheFirstTickForward() {
    AddressBus other = new AddressBus("ports", 0x10000);
    new Rtc(time.events, Instant.parse("2026-01-01T00:00:00.750Z"), high -> {}).attach(other);
    other.write(0x70, 1, 0);
    time.run(249_999_999);
    assertThat(other.read(0x71, 1)).isZero();
    time.run(1);
    assertThat(other.read(0x71, 1)).isEqualTo(1);
  }

  @Test
  void binaryModeShowsPlainNumbers() {
    write(B, HOURS_24 | BINARY);
    assertThat(read(0)).isEqualTo(58);
    assertThat(read(4)).isEqualTo(23);
    assertThat(read(7)).isEqualTo(31);
    assertThat(read(9)).isEqualTo(26);
    assertThat(read(0x32)).isEqualTo(20);
  }

  @ParameterizedTest
  @CsvSource({"0, 0x12", "1, 0x01", "11, 0x11", "12, 0x92", "13, 0x81", "23, 0x91"})
  void twelveHourModeMarksTheAfternoon(int hour, String register) {
    write(B, HOURS_24 | BINARY);
    write(4, hour);
    write(B, 0);
    assertThat(read(4)).isEqualTo(Integer.decode(register));
    write(4, 0x06);
    write(4, Integer.decode(register));
    write(B, HOURS_24 | BINARY);
    assertThat(read(4)).isEqualTo(hour);
  }

  @Test
  void withSetTheTimeStandsStillAndTakesWhatIsWritten() {
    write(B, SET | HOURS_24);
    time.run(10 * SECOND);
    assertThat(read(0)).isEqualTo(0x58);
    int[] values = {0x30, 0, 0x15, 0, 0x12, 0, 0x04, 0x29, 0x02, 0x28};
    for (int i : new int[] {0, 2, 4, 6, 7, 8, 9}) {
      write(i, values[i]);
    }
    write(0x32, 0x20);
    write(B, HOURS_24);
    assertThat(dateTime()).isEqualTo("20 28-02-29 12:15:30");
    assertThat(read(6)).as("the weekday is what was written").isEqualTo(4);
    time.run(86_400 * SECOND);
    assertThat(dateTime()).isEqualTo("20 28-03-01 12:15:30");
    assertThat(read(6)).isEqualTo(5);
  }

  @Test
  void settingTheTimeDoesNotDisturbTheDivider() {
    time.run(300_000_000);
    write(B, SET | HOURS_24);
    write(0, 0x10);
    write(B, HOURS_24);
    time.runTo(SECOND - 1);
    assertThat(read(0)).isEqualTo(0x10);
    time.runTo(SECOND);
    assertThat(read(0)).isEqualTo(0x11);
  }

  @Test
  void releasingTheDividerResetGivesTheFirstUpdateHalfASecondLater() {
    time.run(300_000_000);
    write(A, 0x70);
    time.run(5 * SECOND);
    assertThat(read(0)).as("held in reset").isEqualTo(0x58);
    write(A, 0x26);
    time.run(499_999_999);
    assertThat(read(0)).isEqualTo(0x58);
    time.run(1);
    assertThat(read(0)).isEqualTo(0x59);
  }

  @Test
  void aWriteWithoutSetChangesThatFieldAtOnce() {
    write(4, 0x07);
    assertThat(dateTime()).isEqualTo("20 26-01-31 07:59:58");
  }

  @Test
  void nonsenseInTheRegistersIsStillSomeTime() {
    write(B, SET | HOURS_24);
    for (int i : new int[] {0, 2, 4, 6, 7, 8, 9, 0x32}) {
      write(i, 0xff);
    }
    write(B, HOURS_24);
    read(9);
    write(B, SET | BINARY);
    for (int i : new int[] {0, 2, 4, 6, 7, 8, 9, 0x32}) {
      write(i, 0);
    }
    write(B, BINARY);
    time.run(SECOND);
    assertThat(read(0)).isEqualTo(1);
  }

  @Test
  void updateInProgressIsUpFor244MicrosecondsBeforeEachSecondButNotWithSet() {
    time.runTo(SECOND - 244_001);
    assertThat(read(A)).isEqualTo(0x26);
    time.runTo(SECOND - 244_000);
    assertThat(read(A)).isEqualTo(0xa6);
    write(B, SET | HOURS_24);
    assertThat(read(A)).isEqualTo(0x26);
    write(B, HOURS_24);
    time.runTo(SECOND);
    assertThat(read(A)).isEqualTo(0x26);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 122070.3125",
    "6, 976562.5",
    "15, 500000000",
    "1, 3906250",
    "2, 7812500",
    "8, 3906250",
    "9, 7812500"
  })
  void thePeriodicInterruptHasTheRateOfRegisterA(int rate, double nanos) {
    write(A, 0x20 | rate);
    write(B, HOURS_24 | PIE);
    for (int i = 1; i <= 100; i++) {
      time.runTo((long) Math.ceil(i * nanos));
      assertThat(irq8).as("period %d", i).isTrue();
      assertThat(read(C) & 0xc0).isEqualTo(0xc0);
      assertThat(irq8).isFalse();
    }
    assertThat(rises).hasSize(100);
  }

  @Test
  void rateZeroNeverInterrupts() {
    write(A, 0x20);
    write(B, HOURS_24 | PIE);
    time.run(10 * SECOND);
    assertThat(rises).isEmpty();
  }

  @Test
  void anInterruptThatIsNotAcknowledgedCostsNoFurtherEvents() {
    write(A, 0x23);
    write(B, HOURS_24 | PIE);
    time.run(SECOND);
    assertThat(rises).hasSize(1);
    assertThat(time.events.nextDeadline()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theUpdateEndedInterruptComesEverySecond() {
    write(B, HOURS_24 | UIE);
    time.runTo(SECOND);
    assertThat(read(C)).as("with the periodic flag, which goes up unasked").isEqualTo(0xd0);
    time.runTo(2 * SECOND);
    assertThat(rises).containsExactly(SECOND, 2 * SECOND);
  }

  @Test
  void theAlarmGoesOffWhenAllThreeFieldsAgree() {
    alarm(0x00, 0x00, 0x01);
    write(B, HOURS_24 | AIE);
    time.run(100 * SECOND);
    assertThat(rises).containsExactly(3 * SECOND);
    assertThat(read(C) & 0xa0).isEqualTo(0xa0);
    time.run(86_400 * SECOND);
    assertThat(rises).containsExactly(3 * SECOND, 86_403 * SECOND);
  }

  /** The clock shows 23:59:58 at first; the alarm is asked for 00:00:01, three seconds later. */
  @ParameterizedTest
  @CsvSource({
    "0x02, 0x00, 0x00, 0x01",
    "0x06, 0, 0, 1",
    "0x00, 0x12, 0x00, 0x01",
    "0x04, 12, 0, 1",
    "0x00, 0xc0, 0x00, 0x01",
    "0x06, 0xff, 0xc0, 1"
  })
  void theAlarmIsInTheFormatThatRegisterBSelects(
      String format, String hour, String minute, String second) {
    int formatBits = Integer.decode(format);
    write(B, formatBits);
    alarm(Integer.decode(hour), Integer.decode(minute), Integer.decode(second));
    write(B, formatBits | AIE);
    time.run(4 * SECOND);
    assertThat(rises).containsExactly(3 * SECOND);
  }

  @Test
  void theAfternoonsAlarmDoesNotGoOffInTheMorning() {
    write(B, 0);
    alarm(0x92, 0x00, 0x01);
    write(B, AIE);
    time.run(13 * 3600 * SECOND);
    assertThat(rises).as("12 pm is noon").containsExactly((12 * 3600 + 3) * SECOND);
  }

  @Test
  void anAlarmOfDontCareCodesComesEverySecond() {
    alarm(0xff, 0xff, 0xff);
    write(B, HOURS_24 | AIE);
    for (int i = 0; i < 3; i++) {
      time.run(SECOND);
      assertThat(read(C) & 0xa0).isEqualTo(0xa0);
    }
    assertThat(rises).containsExactly(SECOND, 2 * SECOND, 3 * SECOND);
  }

  /** Data sheet: "IRQF = PF PIE + AF AIE + UF UIE"; the pin follows the bit. */
  @Test
  void enablingAnInterruptWhoseFlagIsUpRaisesItAtOnceAndDisablingDropsIt() {
    time.run(SECOND);
    write(B, HOURS_24 | UIE);
    assertThat(irq8).isTrue();
    write(B, HOURS_24);
    assertThat(irq8).isFalse();
    write(B, HOURS_24 | UIE);
    assertThat(irq8).isTrue();
    assertThat(read(C) & 0x90).isEqualTo(0x90);
    assertThat(irq8).isFalse();
    assertThat(read(C)).as("cleared by the read before").isZero();
  }

  @Test
  void settingTheClockHoldsBackUpdateAndAlarmButNotThePeriodicInterrupt() {
    alarm(0xff, 0xff, 0xff);
    write(A, 0x2f);
    write(B, SET | HOURS_24 | AIE | UIE | PIE);
    assertThat(read(B)).as("SET clears UIE").isEqualTo(SET | HOURS_24 | AIE | PIE);
    time.run(3 * SECOND);
    assertThat(read(C)).as("IRQF and PF").isEqualTo(0xc0);
  }

  @Test
  void dontCareCodesMakeTheAlarmComeEveryMinuteOrHour() {
    alarm(0xc0, 0xff, 0x30);
    write(B, HOURS_24 | AIE);
    for (int minute = 0; minute < 3; minute++) {
      time.run(60 * SECOND);
      read(C);
    }
    assertThat(rises).containsExactly(32 * SECOND, 92 * SECOND, 152 * SECOND);
  }

  @Test
  void anAlarmThatCannotBeNeverGoesOff() {
    alarm(0x25, 0x00, 0x00);
    write(B, HOURS_24 | AIE);
    time.run(3 * 86_400 * SECOND);
    assertThat(rises).isEmpty();
  }

  @Test
  void flagsGoUpWithoutTheirInterruptEnabledAndReadingCClearsThem() {
    alarm(0xff, 0xff, 0xff);
    read(C);
    time.run(SECOND);
    assertThat(irq8).isFalse();
    assertThat(read(C)).isEqualTo(0x70);
    assertThat(read(C)).isZero();
  }

  @Test
  void settingSetClearsTheUpdateInterruptEnable() {
    write(B, HOURS_24 | UIE);
    write(B, SET | HOURS_24 | UIE);
    assertThat(read(B)).isEqualTo(SET | HOURS_24);
  }

  @Test
  void registerDSaysThatTheBatteryIsGoodAndRegistersCAndDAreReadOnly() {
    write(D, 0);
    write(C, 0xff);
    assertThat(read(D)).isEqualTo(0x80);
    assertThat(read(C)).isZero();
  }

  @Test
  void theRestIsMemoryAndBit7OfTheIndexMasksNmiOnly() {
    write(0x40, 0xab);
    ports.write(0x70, 1, 0xc0);
    assertThat(ports.read(0x71, 1)).isEqualTo(0xab);
  }

  private void alarm(int hour, int minute, int second) {
    write(5, hour);
    write(3, minute);
    write(1, second);
  }

  private String dateTime() {
    return "%02x %02x-%02x-%02x %02x:%02x:%02x"
        .formatted(read(0x32), read(9), read(8), read(7), read(4), read(2), read(0));
  }

  private int read(int register) {
    ports.write(0x70, 1, register);
    return (int) ports.read(0x71, 1);
  }

  private void write(int register, int value) {
    ports.write(0x70, 1, register);
    ports.write(0x71, 1, value);
  }
}
