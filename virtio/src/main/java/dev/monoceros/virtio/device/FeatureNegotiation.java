package dev.monoceros.virtio.device;

/**
 * The driver's and the device's feature bits, seen through 32-bit windows (2.2). Everything the
 * driver writes is remembered, also bits that were never offered: those make FEATURES_OK fail.
 */
final class FeatureNegotiation {
  private static final int WINDOWS = 2;
  private static final long WINDOW_MASK = 0xFFFF_FFFFL;

  private final long offered;
  private long written;
  private boolean wroteBeyond;

  FeatureNegotiation(long offered) {
    this.offered = offered;
  }

  long offered() {
    return offered;
  }

  /** What the driver wrote, as far as it is valid. */
  long driver() {
    return written & offered;
  }

  boolean isValid() {
    return !wroteBeyond && Features.isValidSubset(written, offered);
  }

  long offeredWindow(long select) {
    return window(offered, select);
  }

  long driverWindow(long select) {
    return window(driver(), select);
  }

  void writeDriverWindow(long select, long value) {
    long bits = value & WINDOW_MASK;
    if (select >= WINDOWS) {
      wroteBeyond |= bits != 0;
      return;
    }
    int shift = Integer.SIZE * (int) select;
    written = (written & ~(WINDOW_MASK << shift)) | bits << shift;
  }

  void reset() {
    written = 0;
    wroteBeyond = false;
  }

  private static long window(long features, long select) {
    return select < WINDOWS ? features >>> (Integer.SIZE * (int) select) & WINDOW_MASK : 0;
  }
}
