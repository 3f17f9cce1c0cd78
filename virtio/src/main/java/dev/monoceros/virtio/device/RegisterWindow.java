package dev.monoceros.virtio.device;

/**
 * Registers of a transport as the guest reaches them in memory. No access a guest can form is an
 * error: unused offsets read as 0 and ignore writes. All calls come on the vCPU thread.
 */
public interface RegisterWindow {
  /**
   * Reads from the window.
   *
   * @param offset byte in the window
   * @param size 1, 2, 4 or 8 bytes
   * @return the value, zero-extended
   */
  long read(long offset, int size);

  /**
   * Writes into the window.
   *
   * @param offset byte in the window
   * @param size 1, 2, 4 or 8 bytes
   * @param value only its low {@code size} bytes are looked at
   */
  void write(long offset, int size, long value);
}
