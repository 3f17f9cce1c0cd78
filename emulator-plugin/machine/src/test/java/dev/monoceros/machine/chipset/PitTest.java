package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.time.TestTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Intel 8254 data sheet 231164-005 through the ports, in clock pulses. */
class PitTest {
  private static final int CONTROL = 0x43;
  private static final int PORT_B = 0x61;
  private static final int OUT2 = 0x20;

  private final TestTime time = new TestTime();
  private final AddressBus ports = new AddressBus("ports", 0x10000);
  private final List<Long> rises = new ArrayList<>();
  private boolean irq0;

  @BeforeEach
  void attach() {
    new Pit(
            time.events,
            high -> {
              if (high && !irq0) {
                rises.add(Pit.FREQUENCY.ticksAt(time.now()));
              }
              irq0 = high;
            })
        .attach(ports);
  }

  @Test
  void mode2InterruptsEveryNPulsesWithoutDrift() {
    program(0, 2, 11932);
    rises.clear();
    runToPulse(11932L * 1000 + 1);
    assertThat(rises).hasSize(1000);
    assertThat(rises.getFirst()).as("loaded one pulse after the write").isEqualTo(11933);
    assertThat(rises.getLast()).isEqualTo(11932L * 1000 + 1);
  }

  @Test
  void mode2CountsDownFromNToOne() {
    program(0, 2, 1000);
    runToPulse(1);
    assertThat(latched(0)).isEqualTo(1000);
    runToPulse(1000);
    assertThat(latched(0)).isEqualTo(1);
    runToPulse(1001);
    assertThat(latched(0)).isEqualTo(1000);
  }

  @Test
  void mode2OutIsLowForTheLastPulseOnly() {
    program(0, 2, 10);
    assertThat(outs(0, 1, 21)).isEqualTo("111111111011111111101");
  }

  @Test
  void aCountOfZeroIs65536() {
    program(0, 2, 0);
    rises.clear();
    runToPulse(65_536 * 2 + 1);
    assertThat(rises).containsExactly(65_537L, 131_073L);
  }

  @Test
  void aNewCountInMode2TakesOverAtTheEndOfThePeriod() {
    program(0, 2, 100);
    rises.clear();
    runToPulse(51);
    writeCount(0, 30);
    assertThat(status(0) & 0x40).as("null count").isEqualTo(0x40);
    assertThat(latched(0)).as("the old count goes on").isEqualTo(50);
    runToPulse(171);
    assertThat(rises).containsExactly(101L, 131L, 161L);
    assertThat(status(0) & 0x40).isZero();
  }

  @Test
  void mode3IsASquareWaveWithTheLongerHalfHighForOddCounts() {
    program(2, 3, 5);
    gate2(true);
    assertThat(outs(2, 1, 12)).isEqualTo("111001110011");
    program(0, 3, 6);
    assertThat(outs(0, 13, 24)).isEqualTo("111000111000");
  }

  @Test
  void mode3CountsByTwoFromAnEvenNumberInBothHalves() {
    program(0, 3, 5);
    List<Integer> counts = new ArrayList<>();
    for (long pulse = 1; pulse <= 10; pulse++) {
      runToPulse(pulse);
      counts.add(latched(0));
    }
    assertThat(counts).containsExactly(4, 2, 0, 4, 2, 4, 2, 0, 4, 2);
  }

  @Test
  void mode3InterruptsOncePerPeriod() {
    program(0, 3, 1000);
    rises.clear();
    runToPulse(5001);
    assertThat(rises).containsExactly(1001L, 2001L, 3001L, 4001L, 5001L);
  }

  @Test
  void aNewCountInMode3TakesOverAtTheEndOfTheHalf() {
    program(0, 3, 100);
    rises.clear();
    runToPulse(11);
    writeCount(0, 20);
    runToPulse(60);
    // High until pulse 51, then the low half (10) of the new count, then periods of 20.
    assertThat(rises).isEmpty();
    runToPulse(101);
    assertThat(rises).containsExactly(61L, 81L, 101L);
    assertThat(outs(0, 102, 121)).isEqualTo("11111111100000000001");
  }

  @Test
  void mode0RisesOnceNPlusOnePulsesAfterTheWriteAndWrapsOn() {
    program(0, 0, 100);
    assertThat(irq0).isFalse();
    runToPulse(100);
    assertThat(rises).isEmpty();
    runToPulse(101);
    assertThat(rises).containsExactly(101L);
    assertThat(latched(0)).isZero();
    runToPulse(102);
    assertThat(latched(0)).isEqualTo(0xffff);
    runToPulse(1_000_000);
    assertThat(rises).hasSize(1);
  }

  @Test
  void mode0StopsBetweenTheTwoBytesOfANewCount() {
    program(0, 0, 100);
    runToPulse(50);
    ports.write(0x40, 1, 10);
    runToPulse(500);
    assertThat(rises).isEmpty();
    ports.write(0x40, 1, 0);
    runToPulse(511);
    assertThat(rises).containsExactly(511L);
  }

  @Test
  void mode4StrobesLowForOnePulseAfterTheCount() {
    program(0, 4, 100);
    rises.clear();
    assertThat(outs(0, 99, 104)).isEqualTo("110111");
    assertThat(rises).containsExactly(102L);
    runToPulse(200_000);
    assertThat(rises).hasSize(1);
    writeCount(0, 50);
    runToPulse(201_000);
    assertThat(rises).containsExactly(102L, 200_052L);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void gateLowPausesTheCount(int mode) {
    gate2(true);
    program(2, mode, 1000);
    runToPulse(101);
    gate2(false);
    int count = latched(2);
    assertThat(count).isEqualTo(900);
    runToPulse(5000);
    assertThat(latched(2)).isEqualTo(count);
    gate2(true);
    runToPulse(5100);
    assertThat(latched(2)).isEqualTo(count - 100);
  }

  @Test
  void mode1StartsWithTheGateAndIsRetriggered() {
    gate2(false);
    program(2, 1, 100);
    runToPulse(50);
    assertThat(out2()).isTrue();
    assertThat(status(2) & 0x40).as("null until triggered").isEqualTo(0x40);
    gate2(true);
    runToPulse(51);
    assertThat(out2()).isFalse();
    runToPulse(140);
    gate2(false);
    gate2(true);
    runToPulse(240);
    assertThat(out2()).as("retriggered at 140").isFalse();
    runToPulse(241);
    assertThat(out2()).isTrue();
  }

  @Test
  void mode5StrobesAfterATrigger() {
    gate2(false);
    program(2, 5, 10);
    runToPulse(100);
    assertThat(out2()).isTrue();
    gate2(true);
    assertThat(outs(2, 110, 112)).isEqualTo("101");
  }

  @Test
  void gateLowInMode2HoldsOutHighAndRisingReloads() {
    gate2(true);
    program(2, 2, 10);
    runToPulse(10);
    assertThat(out2()).isFalse();
    gate2(false);
    assertThat(out2()).isTrue();
    runToPulse(1000);
    gate2(true);
    assertThat(outs(2, 1001, 1011)).isEqualTo("11111111101");
  }

  @Test
  void aLatchedCountIsHeldUntilReadAndASecondLatchIsIgnored() {
    program(0, 2, 50_000);
    runToPulse(1001);
    ports.write(CONTROL, 1, 0x00);
    runToPulse(20_000);
    ports.write(CONTROL, 1, 0x00);
    assertThat(readWord(0)).isEqualTo(49_000);
    assertThat(readWord(0)).as("running again").isEqualTo(50_000 - 19_999);
  }

  @Test
  void readBackLatchesStatusAndCountOfSeveralChannelsStatusFirst() {
    program(0, 2, 50_000);
    gate2(true);
    program(2, 3, 1000);
    runToPulse(101);
    ports.write(CONTROL, 1, 0xc0 | 0x02 | 0x08);
    runToPulse(5000);
    assertThat(in(0x40)).as("OUT high, count loaded, both bytes, mode 2").isEqualTo(0xb4);
    assertThat(readWord(0)).isEqualTo(49_900);
    assertThat(in(0x42)).isEqualTo(0xb6);
    assertThat(readWord(2)).isEqualTo(800);
  }

  @Test
  void statusShowsNullCountUntilTheFirstPulse() {
    program(0, 2, 100);
    assertThat(status(0)).isEqualTo(0xf4);
    runToPulse(1);
    assertThat(status(0)).isEqualTo(0xb4);
  }

  @Test
  void singleByteAccessReadsAndWritesThatByteOnly() {
    ports.write(CONTROL, 1, 0x14);
    ports.write(0x40, 1, 0x20);
    runToPulse(1);
    assertThat(in(0x40)).isEqualTo(0x20);
    assertThat(in(0x40)).isEqualTo(0x20);
    ports.write(CONTROL, 1, 0x24);
    ports.write(0x40, 1, 0x12);
    runToPulse(2);
    assertThat(in(0x40)).isEqualTo(0x12);
  }

  @Test
  void bcdCountsInDecimalDigits() {
    ports.write(CONTROL, 1, 0x35);
    writeCount(0, 0x1000);
    rises.clear();
    runToPulse(2);
    assertThat(latched(0)).isEqualTo(0x0999);
    runToPulse(2001);
    assertThat(rises).containsExactly(1001L, 2001L);
  }

  @Test
  void bcdZeroIsTenThousand() {
    ports.write(CONTROL, 1, 0x35);
    writeCount(0, 0);
    rises.clear();
    runToPulse(10_001);
    assertThat(rises).containsExactly(10_001L);
  }

  /** Linux, quick_pit_calibrate: channel 2, mode 0, the upper byte is watched without latching. */
  @Test
  void linuxQuickCalibrationSeesTheUpperByteFallEvery256Pulses() {
    ports.write(PORT_B, 1, 0x01);
    ports.write(CONTROL, 1, 0xb0);
    writeCount(2, 0xffff);
    for (int msb = 0xff; msb > 0xf0; msb--) {
      runToPulse(1 + (0xff - msb) * 256L + 128);
      in(0x42);
      assertThat(in(0x42)).isEqualTo(msb);
    }
  }

  /** Linux, pit_calibrate_tsc: waits for OUT2 in port 0x61. */
  @Test
  void linuxCalibrationSeesOut2RiseAfterFiftyMilliseconds() {
    ports.write(PORT_B, 1, 0x01);
    ports.write(CONTROL, 1, 0xb0);
    writeCount(2, 1_193_182 / 20);
    time.runTo(49_990_000);
    assertThat(in(PORT_B) & OUT2).isZero();
    time.runTo(50_010_000);
    assertThat(in(PORT_B) & OUT2).isEqualTo(OUT2);
  }

  @Test
  void portBKeepsItsFourWritableBitsAndTogglesRefresh() {
    ports.write(PORT_B, 1, 0xff);
    assertThat(in(PORT_B) & 0xcf).isEqualTo(0x0f);
    runToPulse(18);
    int first = in(PORT_B) & 0x10;
    runToPulse(36);
    assertThat(in(PORT_B) & 0x10).isEqualTo(first ^ 0x10);
  }

  @Test
  void aLateCpuGetsOneInterruptForManyMissedPeriods() {
    program(0, 2, 100);
    rises.clear();
    time.jumpTo(Pit.FREQUENCY.nanosAt(100_050));
    time.events.runDue();
    assertThat(rises).hasSize(1);
    assertThat(Pit.FREQUENCY.ticksAt(time.events.nextDeadline())).isEqualTo(100_101);
  }

  @Test
  void aCountOfOneInMode2IsIllegalAndNeverInterrupts() {
    program(0, 2, 1);
    rises.clear();
    runToPulse(1_000_000);
    assertThat(rises).isEmpty();
  }

  private void program(int channel, int mode, int count) {
    ports.write(CONTROL, 1, channel << 6 | 0x30 | mode << 1);
    writeCount(channel, count);
  }

  private void writeCount(int channel, int count) {
    ports.write(0x40 + channel, 1, count & 0xff);
    ports.write(0x40 + channel, 1, count >>> 8);
  }

  private int latched(int channel) {
    ports.write(CONTROL, 1, channel << 6);
    return readWord(channel);
  }

  private int status(int channel) {
    ports.write(CONTROL, 1, 0xe0 | 2 << channel);
    return in(0x40 + channel);
  }

  private int readWord(int channel) {
    int low = in(0x40 + channel);
    return in(0x40 + channel) << 8 | low;
  }

  private void gate2(boolean high) {
    ports.write(PORT_B, 1, high ? 1 : 0);
  }

  private boolean out2() {
    return (in(PORT_B) & OUT2) != 0;
  }

  private String outs(int channel, long fromPulse, long toPulse) {
    StringBuilder levels = new StringBuilder();
    for (long pulse = fromPulse; pulse <= toPulse; pulse++) {
      runToPulse(pulse);
      levels.append((status(channel) & 0x80) != 0 ? '1' : '0');
    }
    return levels.toString();
  }

  private void runToPulse(long pulse) {
    time.runTo(Pit.FREQUENCY.nanosAt(pulse));
  }

  private int in(int port) {
    return (int) ports.read(port, 1);
  }
}
