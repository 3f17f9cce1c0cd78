package dev.monoceros.machine.pci;

/**
 * Where BARs may lie.
 *
 * @param base first address
 * @param end first address beyond
 */
public record MmioWindow(long base, long end) {
  /** Above configuration space (RAM ends below it, at 3.5 GiB) and below the I/O APIC. */
  public static final MmioWindow DEFAULT = new MmioWindow(Ecam.BASE + Ecam.LENGTH, 0xfec0_0000L);

  /** Checks the order. */
  public MmioWindow {
    if (base < 0 || end <= base) {
      throw new IllegalArgumentException("an MMIO window from 0x%x to 0x%x".formatted(base, end));
    }
  }
}
