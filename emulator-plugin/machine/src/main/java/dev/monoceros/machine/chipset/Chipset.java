package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.time.EventQueue;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The motherboard: makes the fixed devices, wires their interrupts and claims their ports.
 *
 * @param pic the pair of 8259s
 * @param localApic the CPU's own interrupt controller, which is what it looks at
 * @param ioApic the interrupt controller of the board
 * @param pit the interval timer
 * @param rtc the real-time clock
 * @param serial the serial ports that there are
 * @param hpet the event timers
 * @param acpi the power management registers
 * @param resetControl the reset register, to be reached through the PCI host bridge
 */
public record Chipset(
    Pic pic,
    LocalApic localApic,
    IoApic ioApic,
    Pit pit,
    Rtc rtc,
    Hpet hpet,
    Map<SerialPort, Uart> serial,
    AcpiPm acpi,
    ResetControl resetControl) {
  /** Interrupt of the interval timer. */
  public static final int TIMER_IRQ = 0;

  /** Where the interval timer comes in at the I/O APIC. */
  public static final int TIMER_INPUT = IsaInterrupts.TIMER_INPUT;

  /** Interrupt of the keyboard controller. */
  public static final int KEYBOARD_IRQ = 1;

  /** Interrupt of the real-time clock. */
  public static final int RTC_IRQ = 8;

  /** The system control interrupt of ACPI, level triggered. */
  public static final int SCI_IRQ = 9;

  /** Inputs of the I/O APIC that event timers can be routed to: those that nothing else uses. */
  private static final long HPET_INPUTS = 0x00ff_0000L;

  /**
   * What a chipset is made with.
   *
   * @param rtcEpoch what the real-time clock shows at power-on
   * @param debugExitPort first of the four debug-exit ports
   * @param serial what the serial ports are connected to; there are no others
   */
  public record Config(Instant rtcEpoch, int debugExitPort, Map<SerialPort, SerialLine> serial) {
    /** Copies the map, in the order of the ports. */
    public Config {
      serial = Collections.unmodifiableMap(new TreeMap<>(serial));
    }
  }

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
    LegacyReplacement legacy = new LegacyReplacement(irqs.line(TIMER_IRQ), irqs.line(RTC_IRQ));
    Pit pit = new Pit(events, legacy.pit());
    pit.attach(ports);
    Rtc rtc = new Rtc(events, config.rtcEpoch(), legacy.rtc());
    rtc.attach(ports);
    Hpet hpet = new Hpet(events, ioApic::line, HPET_INPUTS, legacy);
    hpet.attach(mmio);
    Map<SerialPort, Uart> serial = SerialPorts.build(ports, events, irqs, config.serial());
    AcpiPm acpi = new AcpiPm(events, irqs.line(SCI_IRQ), machine);
    acpi.attach(ports);
    new KeyboardController(irqs.line(KEYBOARD_IRQ), machine).attach(ports);
    new SystemControlPortA(machine).attach(ports);
    new DebugExit(machine).attach(ports, config.debugExitPort());
    new PvPanic(machine).attach(ports);
    new PostPort().attach(ports);
    return new Chipset(
        pic, localApic, ioApic, pit, rtc, hpet, serial, acpi, new ResetControl(machine));
  }
}
