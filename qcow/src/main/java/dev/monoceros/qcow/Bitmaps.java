package dev.monoceros.qcow;

import java.util.List;

/** The persistent bitmaps of a QCOW2 version 3 image. */
public interface Bitmaps {
  /** Granularity that QEMU chooses: the cluster size, within 4 KiB to 64 KiB. */
  long DEFAULT_GRANULARITY = 0;

  List<Bitmap> list() throws ImageException;

  /**
   * Adds an empty one.
   *
   * @param granularity bytes, a power of two from 512 to 2 GiB, or {@link #DEFAULT_GRANULARITY}
   * @param enabled whether it tracks writes
   * @throws ImageException EXISTS, BAD_OPTION, UNSUPPORTED (version 2) and what writing throws
   */
  void add(String name, long granularity, boolean enabled) throws ImageException;

  void remove(String name) throws ImageException;

  /** Sets all bits to 0. */
  void clear(String name) throws ImageException;

  void enable(String name) throws ImageException;

  void disable(String name) throws ImageException;

  /**
   * Sets in {@code name} the bits of another.
   *
   * @param source image that has {@code sourceName}; may be the same image
   */
  void merge(String name, DiskImage source, String sourceName) throws ImageException;

  /** True if the bit that stands for the byte at {@code offset} is set. */
  boolean test(String name, long offset) throws ImageException;
}
