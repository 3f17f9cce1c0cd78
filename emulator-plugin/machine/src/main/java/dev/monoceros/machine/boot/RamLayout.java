package dev.monoceros.machine.boot;

/**
 * Where RAM is in the physical address space: from 0 up to the hole for devices below 4 GiB, and
 * the rest from 4 GiB on.
 *
 * @param lowBytes RAM at address 0, a multiple of 4 KiB
 * @param highBytes RAM at {@link #HIGH_BASE}, a multiple of 4 KiB, possibly none
 */
public record RamLayout(long lowBytes, long highBytes) {
  /** Low RAM ends here at the latest: 3.5 GiB. */
  public static final long HOLE_BASE = 0xe000_0000L;

  /** High RAM begins here: 4 GiB. */
  public static final long HIGH_BASE = 0x1_0000_0000L;

  /** RAM and its units. */
  public static final long PAGE = 4096;

  private static final long MINIMUM = 1L << 20;

  /** Checks sizes. */
  public RamLayout {
    if (lowBytes < MINIMUM
        || lowBytes > HOLE_BASE
        || lowBytes % PAGE != 0
        || highBytes < 0
        || highBytes % PAGE != 0
        || (highBytes > 0 && lowBytes != HOLE_BASE)) {
      throw new IllegalArgumentException(
          "RAM of %d bytes below the hole and %d above 4 GiB".formatted(lowBytes, highBytes));
    }
  }

  /** The layout of {@code bytes} of RAM: at least 1 MiB, whole pages. */
  public static RamLayout of(long bytes) {
    long low = Math.min(bytes, HOLE_BASE);
    return new RamLayout(low, bytes - low);
  }

  /** All RAM in bytes. */
  public long bytes() {
    return lowBytes + highBytes;
  }
}
