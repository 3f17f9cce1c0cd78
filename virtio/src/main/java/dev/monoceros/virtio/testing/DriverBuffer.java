package dev.monoceros.virtio.testing;

/**
 * One buffer of a chain as a driver describes it.
 *
 * @param address guest physical address
 * @param length bytes, as the 32-bit field takes them
 * @param writable whether the device may write it
 */
public record DriverBuffer(long address, long length, boolean writable) {

  /** A buffer that the device reads. */
  public static DriverBuffer readable(long address, long length) {
    return new DriverBuffer(address, length, false);
  }

  /** A buffer that the device writes. */
  public static DriverBuffer writable(long address, long length) {
    return new DriverBuffer(address, length, true);
  }
}
