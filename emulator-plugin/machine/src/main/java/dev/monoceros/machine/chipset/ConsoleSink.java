package dev.monoceros.machine.chipset;

/** Where the bytes that the guest sends on its serial port go. */
@FunctionalInterface
public interface ConsoleSink {
  /**
   * Takes one byte, at once and in order.
   *
   * @param b 0 to 255
   */
  void write(int b);
}
