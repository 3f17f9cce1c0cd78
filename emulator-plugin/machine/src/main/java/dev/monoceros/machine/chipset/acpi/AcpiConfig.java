package dev.monoceros.machine.chipset.acpi;

import dev.monoceros.machine.bus.MmioSlot;
import dev.monoceros.machine.chipset.SerialPort;
import dev.monoceros.machine.pci.IntxRouter;
import dev.monoceros.machine.pci.MmioWindow;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the tables must say that is not the same on every machine.
 *
 * @param base physical address of the tables: below 4 GiB and a multiple of 64; from 0xe0000 to
 *     0xfffff if the RSDP is to be found by searching
 * @param window where PCI BARs may lie
 * @param router how PCI interrupts are wired
 * @param virtio where virtio devices are that no bus lists
 * @param serial which serial ports there are
 */
public record AcpiConfig(
    long base,
    MmioWindow window,
    IntxRouter router,
    List<MmioSlot> virtio,
    SortedSet<SerialPort> serial) {
  /** The beginning of the range in which operating systems search for the RSDP. */
  public static final long DEFAULT_BASE = 0xe0000;

  private static final long ALIGNMENT = 64;
  private static final long LIMIT = 0xffff_0000L;

  /** Checks the address. */
  public AcpiConfig {
    if (base < 0 || base > LIMIT || base % ALIGNMENT != 0) {
      throw new IllegalArgumentException("ACPI tables at 0x%x".formatted(base));
    }
    Objects.requireNonNull(window);
    Objects.requireNonNull(router);
    virtio = List.copyOf(virtio);
    serial = Collections.unmodifiableSortedSet(new TreeSet<>(serial));
  }

  /** A machine whose virtio devices are all on PCI, with one serial port. */
  public AcpiConfig(long base, MmioWindow window, IntxRouter router) {
    this(base, window, router, List.of(), new TreeSet<>(List.of(SerialPort.COM1)));
  }
}
