package dev.monoceros.virtio.queue;

import java.util.Arrays;

/** Addresses and lengths of a chain's buffers; grows as needed. */
final class Segments {
  private static final int FIRST_CAPACITY = 4;

  private long[] addresses = new long[FIRST_CAPACITY];
  private long[] lengths = new long[FIRST_CAPACITY];

  long address(int i) {
    return addresses[i];
  }

  long length(int i) {
    return lengths[i];
  }

  void put(int i, long address, long length) {
    if (i == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * i);
      lengths = Arrays.copyOf(lengths, 2 * i);
    }
    addresses[i] = address;
    lengths[i] = length;
  }

  /**
   * Those of a queue that no chain needs: a chain has some only while its buffers are looked at, so
   * that a guest which fills a large queue with long chains does not keep as many arrays.
   */
  static final class Pool {
    private static final int MOST = 16;

    private final Segments[] spare = new Segments[MOST];
    private int count;

    Segments take() {
      return count == 0 ? new Segments() : spare[--count];
    }

    void give(Segments segments) {
      if (count < MOST) {
        spare[count++] = segments;
      }
    }
  }
}
