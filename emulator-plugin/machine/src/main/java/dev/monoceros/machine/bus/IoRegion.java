package dev.monoceros.machine.bus;

/** Registers at a range of addresses. Never throws for anything that a guest does. */
public interface IoRegion {
  /**
   * Reads registers.
   *
   * @param offset bytes from the region's start; the whole access lies inside the region
   * @param size 1, 2, 4 or 8 bytes
   * @return the value, little endian; bits above {@code size} bytes are ignored
   */
  long read(long offset, int size);

  /**
   * Writes registers.
   *
   * @param offset bytes from the region's start; the whole access lies inside the region
   * @param size 1, 2, 4 or 8 bytes
   * @param value the value, little endian, zero above {@code size} bytes
   */
  void write(long offset, int size, long value);
}
