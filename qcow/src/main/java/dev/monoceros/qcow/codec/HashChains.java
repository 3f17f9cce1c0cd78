package dev.monoceros.qcow.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds earlier copies of what comes next, at most 4095 bytes back: for each hash of three bytes
 * the last place, for each place the one before it.
 */
final class HashChains {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int WINDOW = 4096;
  private static final int HASH_BITS = 14;
  private static final int HASH_FACTOR = 0x9E3779B1;

  /** Bytes after the data that may be read, and mean nothing. */
  static final int SLACK = Long.BYTES;

  private final int[] head = new int[1 << HASH_BITS];
  private final int[] previous = new int[WINDOW];
  private byte[] data;
  private int end;

  /** Added to places in the tables, so that those of earlier clusters need not be cleared. */
  private int base = WINDOW;

  private int found;

  /** Starts over on {@code length} bytes of {@code bytes}, which is {@link #SLACK} longer. */
  void start(byte[] bytes, int length) {
    if (base > Integer.MAX_VALUE - 2 * (end + length + WINDOW)) {
      Arrays.fill(head, 0);
      base = WINDOW;
    } else {
      base += end + WINDOW;
    }
    data = bytes;
    end = length;
  }

  /** Remembers the place {@code at} and returns the one before with the same hash. */
  int insert(int at) {
    int three = (int) INT.get(data, at) << Byte.SIZE;
    int slot = (three * HASH_FACTOR) >>> (Integer.SIZE - HASH_BITS);
    int before = head[slot];
    previous[at & (WINDOW - 1)] = before;
    head[slot] = at + base;
    return before - base;
  }

  /** Where the last match that {@link #longest} returned is. */
  int found() {
    return found;
  }

  /**
   * Length of the longest match at {@code at}, or {@code best} if none is longer.
   *
   * @param candidate what {@link #insert} returned
   * @param chain how many places to look at
   * @param nice a match as long as this is good enough
   */
  int longest(int at, int candidate, int best, int chain, int nice) {
    byte[] bytes = data;
    int most = Math.min(end - at, DeflateAlphabet.MAX_MATCH);
    int oldest = Math.max(0, at - WINDOW + 1);
    if (best >= most) {
      return best;
    }
    int enough = Math.min(nice, most);
    int left = chain;
    int place = candidate;
    byte last = bytes[at + best];
    short first = firstTwo(bytes, at);
    while (place >= oldest && left-- > 0) {
      if (bytes[place + best] == last && firstTwo(bytes, place) == first) {
        int length = commonLength(bytes, place, at, most);
        if (length > best) {
          best = length;
          found = place;
          if (length >= enough) {
            break;
          }
          last = bytes[at + best];
        }
      }
      place = previous[place & (WINDOW - 1)] - base;
    }
    return best;
  }

  private static short firstTwo(byte[] bytes, int at) {
    return (short) (int) INT.get(bytes, at);
  }

  private static int commonLength(byte[] bytes, int a, int b, int most) {
    int length = 0;
    while (length < most) {
      long difference = (long) LONG.get(bytes, a + length) ^ (long) LONG.get(bytes, b + length);
      if (difference != 0) {
        return Math.min(most, length + (Long.numberOfTrailingZeros(difference) >>> 3));
      }
      length += Long.BYTES;
    }
    return most;
  }
}
