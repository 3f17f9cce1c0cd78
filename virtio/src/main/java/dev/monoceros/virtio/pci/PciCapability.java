package dev.monoceros.virtio.pci;

/**
 * One capability of the function for the machine's config space to link into the list. Offsets
 * count from the capability's first byte; bytes 0 and 1 (ID and next pointer) belong to the
 * machine's config space, which routes accesses to all others here.
 */
public interface PciCapability {

  /** The capability ID, byte 0: 9, vendor specific, for all of virtio's own. */
  int id();

  /** Length in bytes, header included; the capability starts 4-byte aligned. */
  int length();

  /**
   * Reads {@code size} bytes (1, 2 or 4) from {@code offset}; bytes 0, 1 and those past the end
   * read as 0. May have the side effects of a BAR access.
   */
  long read(int offset, int size);

  /** Writes the low {@code size} bytes (1, 2 or 4); read-only bytes stay as they are. */
  void write(int offset, int size, long value);
}
