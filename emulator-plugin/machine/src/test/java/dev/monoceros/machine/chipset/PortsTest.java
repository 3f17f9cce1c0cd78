package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.time.TestTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The small devices: keyboard controller, reset and exit ports, ACPI registers, all on one chipset.
 */
class PortsTest {
  private static final int PM1_STATUS = 0x600;
  private static final int PM1_ENABLE = 0x602;
  private static final int PM1_CONTROL = 0x604;
  private static final int PM_TIMER = 0x608;
  private static final int COMMAND = 0x64;
  private static final int KEYBOARD = 0x60;

  private final TestTime time = new TestTime();
  private final AddressBus ports = new AddressBus("ports", 0x10000);
  private final List<String> asked = new ArrayList<>();
  private Chipset chipset;

  @BeforeEach
  void build() {
    MachineControl machine =
        new MachineControl() {
          @Override
          public void powerOff() {
            asked.add("power off");
          }

          @Override
          public void reset(String how) {
            asked.add("reset by " + how);
          }

          @Override
          public void panicked() {
            asked.add("panic");
          }

          @Override
          public void debugExit(int value) {
            asked.add("exit " + value);
          }
        };
    chipset =
        Chipset.build(
            ports,
            new AddressBus("mmio", 1L << 32),
            time.events,
            machine,
            new Chipset.Config(
                Instant.EPOCH,
                DebugExit.DEFAULT_PORT,
                Map.of(SerialPort.COM1, new SerialLine(b -> {}, ConsoleSource.empty()))));
    out(0x21, 1, 0);
    out(0xa1, 1, 0);
  }

  /** QEMU, docs/specs/pvpanic. */
  @Test
  void theGuestsPanicIsReportedAndItsCrashKernelIsNot() {
    assertThat(in(0x505, 1)).as("known events").isEqualTo(3);
    out(0x505, 1, 2);
    out(0x505, 1, 0xfc);
    assertThat(asked).isEmpty();
    out(0x505, 1, 1);
    out(0x505, 1, 3);
    assertThat(asked).containsExactly("panic", "panic");
  }

  @Test
  void theKeyboardStatusIsNeverAllOnesAndTheInputBufferAlwaysEmpty() {
    assertThat(in(COMMAND, 1)).isEqualTo(0x14);
    out(COMMAND, 1, 0xaa);
    assertThat(in(COMMAND, 1) & 0x02).isZero();
  }

  @Test
  void commandFeResetsAndOtherPulsesDoNot() {
    out(COMMAND, 1, 0xff);
    assertThat(asked).isEmpty();
    out(COMMAND, 1, 0xfe);
    assertThat(asked).containsExactly("reset by keyboard controller");
  }

  @Test
  void theOutputPortsResetBitResetsWhenWrittenLow() {
    out(COMMAND, 1, 0xd1);
    out(KEYBOARD, 1, 0x03);
    assertThat(asked).isEmpty();
    out(COMMAND, 1, 0xd0);
    assertThat(in(KEYBOARD, 1)).isEqualTo(0x03);
    out(COMMAND, 1, 0xd1);
    out(KEYBOARD, 1, 0x02);
    assertThat(asked).hasSize(1);
  }

  @Test
  void selfTestPassesAndNothingIsPluggedIn() {
    out(COMMAND, 1, 0xaa);
    assertThat(in(COMMAND, 1) & 0x01).isEqualTo(1);
    assertThat(in(KEYBOARD, 1)).isEqualTo(0x55);
    assertThat(in(COMMAND, 1) & 0x01).isZero();
    out(COMMAND, 1, 0xab);
    assertThat(in(KEYBOARD, 1)).as("keyboard interface test").isEqualTo(0x01);
    out(COMMAND, 1, 0xa9);
    assertThat(in(KEYBOARD, 1)).as("auxiliary interface test").isEqualTo(0x01);
  }

  @Test
  void theConfigurationByteIsKept() {
    out(COMMAND, 1, 0x60);
    out(KEYBOARD, 1, 0x45);
    out(COMMAND, 1, 0x20);
    assertThat(in(KEYBOARD, 1)).isEqualTo(0x45);
    out(COMMAND, 1, 0xad);
    out(COMMAND, 1, 0xa7);
    out(COMMAND, 1, 0x20);
    assertThat(in(KEYBOARD, 1)).isEqualTo(0x75);
  }

  @Test
  void theAuxiliaryLoopReturnsItsByteMarkedAsAuxiliary() {
    out(COMMAND, 1, 0xd3);
    out(KEYBOARD, 1, 0x5a);
    assertThat(in(COMMAND, 1) & 0x21).isEqualTo(0x21);
    assertThat(in(KEYBOARD, 1)).isEqualTo(0x5a);
  }

  @Test
  void aByteToTheMissingKeyboardComesBackAsTimeoutOnIrq1() {
    out(COMMAND, 1, 0x60);
    out(KEYBOARD, 1, 0x01);
    out(KEYBOARD, 1, 0xf2);
    assertThat(in(COMMAND, 1) & 0x41).isEqualTo(0x41);
    assertThat(chipset.pic().pending()).isTrue();
    assertThat(chipset.pic().acknowledge()).isEqualTo(0x09);
    assertThat(in(KEYBOARD, 1)).isEqualTo(0xfe);
  }

  @Test
  void port92ResetsOnARisingBitZero() {
    out(0x92, 1, 0x02);
    assertThat(in(0x92, 1)).isEqualTo(0x02);
    assertThat(asked).isEmpty();
    out(0x92, 1, 0x03);
    out(0x92, 1, 0x03);
    assertThat(asked).containsExactly("reset by port 0x92");
  }

  @Test
  void theResetControlRegisterResetsOnARisingRstCpu() {
    ResetControl control = chipset.resetControl();
    control.write(0, 1, 0x02);
    assertThat(asked).isEmpty();
    control.write(0, 1, 0x06);
    assertThat(control.read(0, 1)).isEqualTo(0x06);
    control.write(0, 1, 0x0e);
    assertThat(asked).containsExactly("reset by port 0xcf9");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void theDebugExitPortReportsWhatWasWrittenInAnySize(int size) {
    out(0xf4, size, 0x7f);
    assertThat(asked).containsExactly("exit 127");
  }

  @Test
  void aHugeDebugExitValueIsClamped() {
    out(0xf4, 4, 0xffff_ffffL);
    assertThat(asked).containsExactly("exit 2147483647");
  }

  @Test
  void thePostPortIsClaimed() {
    out(0x80, 1, 0x42);
    assertThat(in(0x80, 1)).isEqualTo(0x42);
    assertThat(ports.unclaimedReads() + ports.unclaimedWrites()).isZero();
  }

  @Test
  void writingSlpTypS5WithSlpEnSwitchesOff() {
    out(PM1_CONTROL, 2, 5 << 10);
    assertThat(asked).isEmpty();
    assertThat(in(PM1_CONTROL, 2)).as("SCI_EN is one").isEqualTo(5 << 10 | 1);
    out(PM1_CONTROL, 2, 5 << 10 | 1 << 13);
    assertThat(asked).containsExactly("power off");
    assertThat(in(PM1_CONTROL, 2)).as("SLP_EN reads zero").isEqualTo(5 << 10 | 1);
  }

  @Test
  void slpEnInAByteWriteSwitchesOffToo() {
    out(PM1_CONTROL + 1, 1, 5 << 2 | 1 << 5);
    assertThat(asked).containsExactly("power off");
  }

  @Test
  void anotherSleepTypeDoesNothing() {
    out(PM1_CONTROL, 2, 1 << 10 | 1 << 13);
    assertThat(asked).isEmpty();
  }

  @Test
  void thePmTimerRunsAt3579545HertzAndIsReadOnly() {
    time.runTo(1_000_000_000L);
    assertThat(in(PM_TIMER, 4)).isEqualTo(3_579_545);
    out(PM_TIMER, 4, 0);
    assertThat(in(PM_TIMER, 4)).isEqualTo(3_579_545);
    assertThat(in(PM_TIMER, 1)).isEqualTo(3_579_545 & 0xff);
    time.runTo(AcpiPm.TIMER_FREQUENCY.nanosAt((1L << 32) + 7));
    assertThat(in(PM_TIMER, 4)).as("32 bits wide").isEqualTo(7);
  }

  @Test
  void theTimerStatusGoesUpWithTheTopBitAndInterruptsIfEnabled() {
    out(PM1_ENABLE, 2, 1);
    time.runTo(AcpiPm.TIMER_FREQUENCY.nanosAt(1L << 31) - 1);
    assertThat(chipset.pic().pending()).isFalse();
    time.run(1);
    assertThat(in(PM1_STATUS, 2)).isEqualTo(1);
    assertThat(chipset.pic().pending()).isTrue();
    out(PM1_STATUS, 2, 1);
    assertThat(in(PM1_STATUS, 2)).isZero();
    assertThat(chipset.pic().pending()).as("level triggered: gone with its cause").isFalse();
    time.runTo(AcpiPm.TIMER_FREQUENCY.nanosAt(1L << 32));
    assertThat(chipset.pic().pending()).isTrue();
  }

  @Test
  void thePowerButtonRaisesSciIrq9WhenEnabled() {
    chipset.acpi().pressPowerButton();
    assertThat(in(PM1_STATUS, 2)).isEqualTo(0x100);
    assertThat(chipset.pic().pending()).isFalse();
    out(PM1_ENABLE, 2, 0x100);
    assertThat(chipset.pic().acknowledge()).isEqualTo(0x71);
    out(PM1_STATUS + 1, 1, 0x01);
    assertThat(in(PM1_STATUS, 4)).as("status cleared, enable kept").isEqualTo(0x100_0000);
  }

  @Test
  void sciIsLevelTriggeredFromTheStart() {
    assertThat(in(0x4d1, 1) & 0x02).isEqualTo(0x02);
  }

  private long in(int port, int size) {
    return ports.read(port, size);
  }

  private void out(int port, int size, long value) {
    ports.write(port, size, value);
  }
}
