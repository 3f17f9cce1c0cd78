package dev.monoceros.machine.plugin;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.pci.PciBus;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.VirtualClock;

/** A machine as its devices see it. Valid for as long as the machine lives. */
public interface DeviceContext {
  /** Memory-mapped I/O, by physical address. */
  AddressBus mmio();

  /** The 65,536 I/O ports. */
  AddressBus ports();

  /** What happens when. */
  EventQueue events();

  /** Virtual time. */
  VirtualClock clock();

  /** PCI bus 0. */
  PciBus pci();

  /**
   * An ISA interrupt request line.
   *
   * @param irq 0 to 15, but not 2
   */
  InterruptLine interrupt(int irq);

  /**
   * Anything else that the machine offers to devices: guest memory, disks by name, a source of
   * seeded random numbers.
   *
   * @param type the service's interface
   * @throws IllegalArgumentException if this machine does not offer it
   */
  <T> T service(Class<T> type);

  /** Has {@code resource} closed when the machine is; the last one registered is closed first. */
  void onClose(AutoCloseable resource);
}
