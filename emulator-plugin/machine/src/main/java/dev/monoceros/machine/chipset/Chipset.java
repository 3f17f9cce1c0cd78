package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.time.EventQueue;
import java.time.Instant;

/**
 * The motherboard: makes the fixed devices, wires their interrupts and claims their ports.
 *
 * @param pic the interrupt controllers, which are what the CPU looks at
 * @param pit the interval timer
 * @param rtc the real-time clock
 * @param uart the first serial port
 * @param hpet the event timers, still to be put on the memory bus
 * @param acpi the power management registers
 * @param resetControl the reset register, to be reached through the PCI host bridge
 */
public record Chipset(
    Pic pic, Pit pit, Rtc rtc, Hpet hpet, Uart uart, AcpiPm acpi, ResetControl resetControl) {
  /** First port of the first serial port. */
  public static final int UART_PORT = 0x3f8;

  /** Interrupt of the interval timer. */
  public static final int TIMER_IRQ = 0;

  /** Interrupt of the keyboard controller. */
  public static final int KEYBOARD_IRQ = 1;

  /** Interrupt of the first serial port. */
  public static final int UART_IRQ = 4;

  /** Interrupt of the real-time clock. */
  public static final int RTC_IRQ = 8;

  /** The system control interrupt of ACPI, level triggered. */
  public static final int SCI_IRQ = 9;

  /**
   * What a chipset is made with.
   *
   * @param rtcEpoch what the real-time clock shows at power-on
   * @param debugExitPort first of the four debug-exit ports
   * @param sink takes what the guest sends on its first serial port
   * @param source gives what it receives there
   */
  public record Config(
      Instant rtcEpoch, int debugExitPort, ConsoleSink sink, ConsoleSource source) {}

  /** Builds all devices and claims their ports; 0xcf9 is left to the PCI host bridge. */
  public static Chipset build(
      AddressBus ports, EventQueue events, MachineControl machine, Config config) {
    Pic pic = new Pic();
    pic.presetLevelTriggered(SCI_IRQ);
    pic.attach(ports);
    LegacyReplacement legacy = new LegacyReplacement(pic.line(TIMER_IRQ), pic.line(RTC_IRQ));
    Pit pit = new Pit(events, legacy.pit());
    pit.attach(ports);
    Rtc rtc = new Rtc(events, config.rtcEpoch(), legacy.rtc());
    rtc.attach(ports);
    // There is no I/O APIC to route to: legacy replacement is the timers' only way.
    Hpet hpet = new Hpet(events, pic::line, 0, legacy);
    Uart uart = new Uart(events, pic.line(UART_IRQ), config.sink(), config.source());
    uart.attach(ports, UART_PORT);
    AcpiPm acpi = new AcpiPm(events, pic.line(SCI_IRQ), machine);
    acpi.attach(ports);
    new KeyboardController(pic.line(KEYBOARD_IRQ), machine).attach(ports);
    new SystemControlPortA(machine).attach(ports);
    new DebugExit(machine).attach(ports, config.debugExitPort());
    new PvPanic(machine).attach(ports);
    new PostPort().attach(ports);
    return new Chipset(pic, pit, rtc, hpet, uart, acpi, new ResetControl(machine));
  }
}
