package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.time.EventQueue;
import java.time.Instant;

/**
 * The motherboard: makes the fixed devices, wires their interrupts and claims their ports.
 *
 * @param pic the pair of 8259s
 * @param localApic the CPU's own interrupt controller, which is what it looks at
 * @param ioApic the interrupt controller of the board
 * @param pit the interval timer
 * @param rtc the real-time clock
 * @param uart the first serial port
 * @param acpi the power management registers
 * @param resetControl the reset register, to be reached through the PCI host bridge
 */
public record Chipset(
    Pic pic,
    LocalApic localApic,
    IoApic ioApic,
    Pit pit,
    Rtc rtc,
    Uart uart,
    AcpiPm acpi,
    ResetControl resetControl) {
  /** First port of the first serial port. */
  public static final int UART_PORT = 0x3f8;

  /** Interrupt of the interval timer. */
  public static final int TIMER_IRQ = 0;

  /** Where the interval timer comes in at the I/O APIC. */
  public static final int TIMER_INPUT = IsaInterrupts.TIMER_INPUT;

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

  /**
   * The wire of an ISA interrupt request, which leads to both kinds of controllers.
   *
   * @param irq 0 to 15, but not 2
   */
  public InterruptLine line(int irq) {
    return new IsaInterrupts(pic, ioApic).line(irq);
  }

  /** Builds all devices and claims their ports; 0xcf9 is left to the PCI host bridge. */
  public static Chipset build(
      AddressBus ports, AddressBus mmio, EventQueue events, MachineControl machine, Config config) {
    Pic pic = new Pic();
    pic.presetLevelTriggered(SCI_IRQ);
    pic.attach(ports);
    LocalApic localApic = new LocalApic(events, pic);
    localApic.attach(mmio);
    IoApic ioApic = new IoApic(localApic);
    ioApic.attach(mmio);
    localApic.onEndOfLevel(ioApic::endOfInterrupt);
    IsaInterrupts irqs = new IsaInterrupts(pic, ioApic);
    Pit pit = new Pit(events, irqs.line(TIMER_IRQ));
    pit.attach(ports);
    Rtc rtc = new Rtc(events, config.rtcEpoch(), irqs.line(RTC_IRQ));
    rtc.attach(ports);
    Uart uart = new Uart(events, irqs.line(UART_IRQ), config.sink(), config.source());
    uart.attach(ports, UART_PORT);
    AcpiPm acpi = new AcpiPm(events, irqs.line(SCI_IRQ), machine);
    acpi.attach(ports);
    new KeyboardController(irqs.line(KEYBOARD_IRQ), machine).attach(ports);
    new SystemControlPortA(machine).attach(ports);
    new DebugExit(machine).attach(ports, config.debugExitPort());
    new PostPort().attach(ports);
    return new Chipset(pic, localApic, ioApic, pit, rtc, uart, acpi, new ResetControl(machine));
  }
}
