package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.time.TestTime;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IA-PC HPET specification 1.0a, register by register. */
class HpetTest {
  private static final long BASE = 0xfed0_0000L;
  private static final int CAPABILITIES = 0x00;
  private static final int CONFIGURATION = 0x10;
  private static final int STATUS = 0x20;
  private static final int COUNTER = 0xf0;
  private static final int ENABLE = 1;
  private static final int LEGACY = 2;
  private static final int LEVEL = 1 << 1;
  private static final int INT_ENABLE = 1 << 2;
  private static final int PERIODIC = 1 << 3;
  private static final int VAL_SET = 1 << 6;
  private static final int MODE_32 = 1 << 8;
  private static final long INPUTS = 0x00ff_0104L;

  /** Lines by name, and when they rose. */
  private static final class Lines {
    final TreeMap<String, List<Long>> rises = new TreeMap<>();
    final TreeMap<String, Boolean> levels = new TreeMap<>();
  }

  private final TestTime time = new TestTime();
  private final AddressBus mmio = new AddressBus("memory", 1L << 32);
  private final Lines lines = new Lines();
  private LegacyReplacement legacy;

  private dev.monoceros.machine.bus.InterruptLine line(String name) {
    return high -> {
      if (high && !lines.levels.getOrDefault(name, false)) {
        lines.rises.computeIfAbsent(name, n -> new ArrayList<>()).add(time.now());
      }
      lines.levels.put(name, high);
    };
  }

  @BeforeEach
  void attach() {
    legacy = new LegacyReplacement(line("irq0"), line("irq8"));
    new Hpet(time.events, input -> line("input" + input), INPUTS, legacy).attach(mmio);
  }

  @Test
  void theCapabilitiesNameAPeriodOf10NsInFemtosecondsAndThreeTimers() {
    long capabilities = read(CAPABILITIES, 8);
    assertThat(capabilities >>> 32).as("2.3.4: at most 0x05f5e100 fs").isEqualTo(10_000_000);
    assertThat(capabilities >>> 8 & 0x1f).as("number of the last timer").isEqualTo(2);
    assertThat(capabilities >>> 13 & 1).as("64-bit counter").isOne();
    assertThat(capabilities >>> 15 & 1).as("legacy replacement").isOne();
    assertThat(capabilities & 0xff).as("revision, must not be 0").isNotZero();
    assertThat(read(CAPABILITIES + 4, 4)).isEqualTo(10_000_000);
  }

  @Test
  void timersAreHaltedDisabledAndAllOnesAfterReset() {
    assertThat(read(CONFIGURATION, 8)).isZero();
    assertThat(read(COUNTER, 8)).isZero();
    for (int timer = 0; timer < 3; timer++) {
      assertThat(read(comparator(timer), 8)).isEqualTo(-1);
      assertThat(read(config(timer), 8)).isEqualTo(INPUTS << 32 | 1 << 4 | 1 << 5);
    }
    time.run(1_000_000);
    assertThat(read(COUNTER, 8)).isZero();
    assertThat(lines.rises).isEmpty();
  }

  @Test
  void theMainCounterRunsWhileEnabledAndTakesWritesOnlyWhileHalted() {
    time.run(12_345);
    write(COUNTER, 8, 0x1_ffff_fff0L);
    write(CONFIGURATION, 8, ENABLE);
    time.run(1_000);
    assertThat(read(COUNTER, 8)).isEqualTo(0x1_ffff_fff0L + 100);
    assertThat(read(COUNTER, 4)).isEqualTo(0x54);
    assertThat(read(COUNTER + 4, 4)).isEqualTo(2);
    write(COUNTER, 8, 0);
    assertThat(read(COUNTER, 8)).isEqualTo(0x1_ffff_fff0L + 100);
    write(CONFIGURATION, 4, 0);
    time.run(1_000);
    assertThat(read(COUNTER, 8)).isEqualTo(0x1_ffff_fff0L + 100);
    write(COUNTER + 4, 4, 7);
    assertThat(read(COUNTER, 8)).isEqualTo(0x7_0000_0054L);
  }

  @Test
  void anAccessTakesTimeAndTheHalvesOfTheCounterAreOfOneMoment() {
    write(CONFIGURATION, 8, ENABLE);
    assertThat(time.stalled()).isEqualTo(1_000);
    write(comparator(2), 4, 1_000);
    assertThat(time.stalled()).isEqualTo(2_000);
    read(COUNTER, 4);
    assertThat(time.stalled()).isEqualTo(3_000);
    read(COUNTER + 4, 4);
    assertThat(time.stalled()).isEqualTo(3_000);
    read(COUNTER, 8);
    assertThat(time.stalled()).isEqualTo(4_000);
  }

  @Test
  void theCounterDoesNotDriftWithinAYear() {
    write(CONFIGURATION, 8, ENABLE);
    long year = 365L * 86_400 * 1_000_000_000;
    time.run(year);
    assertThat(read(COUNTER, 8)).isEqualTo(year / 10);
  }

  @Test
  void aOneShotEdgeTimerInterruptsOnceAtItsTick() {
    write(CONFIGURATION, 8, ENABLE);
    write(config(2), 4, INT_ENABLE | 16 << 9);
    write(comparator(2), 8, 500);
    time.run(4_999);
    assertThat(lines.rises).isEmpty();
    time.run(10_000_000);
    assertThat(lines.rises.get("input16")).containsExactly(5_000L);
    assertThat(read(STATUS, 8)).as("2.3.6: 0 for edge").isZero();
  }

  @Test
  void aComparatorInThePastWaitsForTheCounterToWrap() {
    write(CONFIGURATION, 8, ENABLE);
    time.run(1_000);
    write(config(0), 4, INT_ENABLE | 16 << 9);
    write(comparator(0), 8, 99);
    write(config(1), 4, INT_ENABLE | MODE_32 | 17 << 9);
    write(comparator(1), 8, 99);
    time.run(100L * 1_000_000_000);
    assertThat(lines.rises.get("input16")).isNull();
    assertThat(lines.rises.get("input17"))
        .as("2.3.9.2.1: a 32-bit timer fires at every wrap")
        .containsExactly(((1L << 32) + 99) * 10, ((2L << 32) + 99) * 10);
  }

  @Test
  void aComparatorEqualToTheCounterMatchesAtOnceAndOnlyOnce() {
    write(CONFIGURATION, 8, ENABLE);
    time.run(1_000);
    write(config(0), 4, INT_ENABLE | 16 << 9);
    write(comparator(0), 8, 100);
    assertThat(lines.rises.get("input16")).containsExactly(1_000L);
    write(config(0), 4, INT_ENABLE | 16 << 9);
    time.run(5);
    read(STATUS, 8);
    assertThat(lines.rises.get("input16")).hasSize(1);
  }

  /** The order of Linux's hpet_clkevt_set_state_periodic. */
  @Test
  void linuxSetsAPeriodicTimerByValSetThenPhaseThenPeriod() {
    write(CONFIGURATION, 4, ENABLE | LEGACY);
    time.run(10_000);
    write(config(0), 4, INT_ENABLE | PERIODIC | VAL_SET | MODE_32);
    assertThat(read(config(0), 4) & VAL_SET).as("reads as 0").isZero();
    write(comparator(0), 4, 1_000 + 40_000);
    time.run(1_000);
    write(comparator(0), 4, 40_000);
    assertThat(read(comparator(0), 4)).isEqualTo(41_000);
    time.runTo(410_000 + 3 * 400_000);
    assertThat(lines.rises.get("irq0")).containsExactly(410_000L, 810_000L, 1_210_000L, 1_610_000L);
    assertThat(read(comparator(0), 4)).as("2.3.9.2.2: moved on").isEqualTo(201_000);
  }

  @Test
  void onePeriodicWriteAfterValSetIsPhaseAndPeriod() {
    write(config(0), 4, INT_ENABLE | PERIODIC | VAL_SET | 20 << 9);
    write(comparator(0), 8, 1_000);
    write(CONFIGURATION, 4, ENABLE);
    time.run(35_000);
    assertThat(lines.rises.get("input20")).containsExactly(10_000L, 20_000L, 30_000L);
  }

  @Test
  void aPeriodicTimerKeepsItsPhaseWhenTheCpuIsLate() {
    write(config(0), 4, INT_ENABLE | PERIODIC | VAL_SET | 20 << 9);
    write(comparator(0), 8, 1_000);
    write(CONFIGURATION, 4, ENABLE);
    time.jumpTo(34_567);
    time.events.runDue();
    assertThat(lines.rises.get("input20")).containsExactly(34_567L);
    assertThat(read(comparator(0), 8)).isEqualTo(4_000);
    time.run(10_000);
    assertThat(lines.rises.get("input20")).containsExactly(34_567L, 40_000L);
  }

  @Test
  void aLevelTimerHoldsItsLineUntilItsStatusBitIsWrittenWithOne() {
    write(CONFIGURATION, 8, ENABLE);
    write(config(1), 4, LEVEL | INT_ENABLE | 21 << 9);
    write(comparator(1), 8, 100);
    time.run(2_000);
    assertThat(lines.levels.get("input21")).isTrue();
    assertThat(read(STATUS, 4)).isEqualTo(2);
    write(STATUS, 4, 1);
    assertThat(lines.levels.get("input21")).isTrue();
    write(STATUS, 4, 2);
    assertThat(lines.levels.get("input21")).isFalse();
    assertThat(read(STATUS, 4)).isZero();
    time.run(1_000_000);
    assertThat(lines.rises.get("input21")).hasSize(1);
  }

  @Test
  void theStatusOfALevelTimerIsSetThoughItsInterruptIsDisabled() {
    write(CONFIGURATION, 8, ENABLE);
    write(config(1), 4, LEVEL | 21 << 9);
    write(comparator(1), 8, 100);
    assertThat(time.events.nextDeadline()).as("nothing to wake for").isEqualTo(Long.MAX_VALUE);
    time.run(2_000);
    assertThat(read(STATUS, 4)).isEqualTo(2);
    assertThat(lines.rises).isEmpty();
    write(config(1), 4, LEVEL | INT_ENABLE | 21 << 9);
    assertThat(lines.levels.get("input21")).isTrue();
    write(CONFIGURATION, 8, 0);
    assertThat(lines.levels.get("input21")).as("2.3.5: no interrupts while halted").isFalse();
    assertThat(read(STATUS, 4)).as("2.3.5: but the status stays").isEqualTo(2);
  }

  @Test
  void twoLevelTimersShareAnInput() {
    write(CONFIGURATION, 8, ENABLE);
    for (int timer = 0; timer < 2; timer++) {
      write(config(timer), 4, LEVEL | INT_ENABLE | 21 << 9);
      write(comparator(timer), 8, 100);
    }
    time.run(2_000);
    write(STATUS, 4, 1);
    assertThat(lines.levels.get("input21")).isTrue();
    write(STATUS, 4, 2);
    assertThat(lines.levels.get("input21")).isFalse();
  }

  @Test
  void legacyReplacementPutsTimers0And1InPlaceOfPitAndRtc() {
    legacy.pit().set(true);
    assertThat(lines.levels.get("irq0")).isTrue();
    write(config(0), 4, INT_ENABLE | 16 << 9);
    write(config(1), 4, INT_ENABLE | 16 << 9);
    write(config(2), 4, INT_ENABLE | 16 << 9);
    for (int timer = 0; timer < 3; timer++) {
      write(comparator(timer), 8, 100L * (timer + 1));
    }
    write(CONFIGURATION, 4, ENABLE | LEGACY);
    assertThat(lines.levels.get("irq0")).as("the PIT is cut off").isFalse();
    lines.rises.clear();
    legacy.pit().set(false);
    legacy.pit().set(true);
    legacy.rtc().set(true);
    assertThat(lines.rises).isEmpty();
    time.run(10_000);
    assertThat(lines.rises.get("irq0")).containsExactly(1_000L);
    assertThat(lines.rises.get("irq8")).containsExactly(2_000L);
    assertThat(lines.rises.get("input16")).as("timer 2 is routed").containsExactly(3_000L);
    write(CONFIGURATION, 4, ENABLE);
    assertThat(lines.levels.get("irq0")).as("the PIT's level again").isTrue();
    assertThat(lines.levels.get("irq8")).as("and the clock's").isTrue();
  }

  @Test
  void aRouteThatIsNotOfferedDoesNotReadBack() {
    write(config(0), 4, 18 << 9);
    write(config(0), 4, 5 << 9);
    assertThat(read(config(0), 4) >>> 9 & 0x1f).isEqualTo(18);
    write(config(0), 4, 31 << 9);
    assertThat(read(config(0), 4) >>> 9 & 0x1f).isEqualTo(18);
  }

  @Test
  void fsbDeliveryIsNotOfferedAndCannotBeSwitchedOn() {
    write(config(0), 8, -1L);
    assertThat(read(config(0), 8) & (1 << 14 | 1 << 15)).isZero();
    write(0x110, 8, -1L);
    assertThat(read(0x110, 8)).isZero();
  }

  @Test
  void a32BitTimerHasNoUpperHalf() {
    write(comparator(0), 8, 0x1234_5678_9abc_def0L);
    write(config(0), 4, MODE_32);
    assertThat(read(comparator(0), 8)).isEqualTo(0x9abc_def0L);
    write(comparator(0) + 4, 4, 1);
    assertThat(read(comparator(0), 8)).isEqualTo(0x9abc_def0L);
  }

  @Test
  void halvesOfA64BitComparatorCanBeWrittenApart() {
    write(comparator(0), 4, 0x89ab_cdefL);
    write(comparator(0) + 4, 4, 0x0123_4567);
    assertThat(read(comparator(0), 8)).isEqualTo(0x0123_4567_89ab_cdefL);
  }

  @Test
  void anEdgeStaysUpUntilTheNextSoThatAnI8259CanTakeItLate() {
    write(config(0), 4, INT_ENABLE | PERIODIC | VAL_SET | 20 << 9);
    write(comparator(0), 8, 1_000);
    write(CONFIGURATION, 4, ENABLE);
    time.run(15_000);
    assertThat(lines.levels.get("input20")).isTrue();
    write(config(0), 4, PERIODIC | 20 << 9);
    assertThat(lines.levels.get("input20")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 99})
  void aPeriodThatNoCpuCanServeCostsOneInterruptAMicrosecond(long period) {
    write(config(0), 4, INT_ENABLE | PERIODIC | VAL_SET | 20 << 9);
    write(comparator(0), 8, period);
    write(CONFIGURATION, 4, ENABLE);
    time.run(1_000_000);
    assertThat(lines.rises.get("input20")).hasSizeBetween(900, 1_001);
  }

  @Test
  void aPeriodOfZeroDoesNotHang() {
    write(config(0), 4, INT_ENABLE | PERIODIC | VAL_SET | 20 << 9);
    write(comparator(0), 8, 0);
    write(CONFIGURATION, 4, ENABLE);
    time.run(1_000_000);
    assertThat(lines.rises.get("input20")).hasSize(1);
  }

  @Test
  void accessesOfOtherWidthsWriteNothingAndUnusedRegistersReadZero() {
    write(CONFIGURATION, 1, ENABLE);
    write(CONFIGURATION, 2, ENABLE);
    mmio.write(BASE + 0xc, 8, -1L);
    assertThat(read(CONFIGURATION, 8)).isZero();
    for (int offset = 0x160; offset < 0x400; offset += 8) {
      write(offset, 8, -1L);
      assertThat(read(offset, 8)).isZero();
    }
  }

  private static int config(int timer) {
    return 0x100 + 0x20 * timer;
  }

  private static int comparator(int timer) {
    return 0x108 + 0x20 * timer;
  }

  private long read(int offset, int size) {
    return mmio.read(BASE + offset, size);
  }

  private void write(int offset, int size, long value) {
    mmio.write(BASE + offset, size, value);
  }
}
