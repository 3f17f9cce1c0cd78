package dev.monoceros.qcow.codec;

import java.util.Arrays;

/**
 * Reads a deflate stream, RFC 1951, and says how far back it looks. Made for the tests, without
 * regard to speed and without a line of the encoder: canonical codes are searched bit by bit.
 */
final class DeflateDistances {
  private final byte[] data;
  private int bit;
  private int largest;

  private DeflateDistances(byte[] data) {
    this.data = data;
  }

  /** The largest distance in the stream at the start of {@code data}. */
  static int largest(byte[] data) {
    DeflateDistances reader = new DeflateDistances(data);
    boolean last;
    do {
      last = reader.bits(1) == 1;
      reader.block(reader.bits(2));
    } while (!last);
    return reader.largest;
  }

  private int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++, bit++) {
      value |= (data[bit >>> 3] >>> (bit & 7) & 1) << i;
    }
    return value;
  }

  private void block(int type) {
    if (type == 0) {
      bit = (bit + 7) & -8;
      int length = bits(16);
      bits(16);
      bit += length * 8;
      return;
    }
    int[] literals = new int[288];
    int[] distances = new int[30];
    if (type == 1) {
      for (int i = 0; i < 288; i++) {
        literals[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
      }
      Arrays.fill(distances, 5);
    } else {
      readLengths(literals, distances);
    }
    int symbol;
    while ((symbol = symbol(literals)) != 256) {
      if (symbol > 256) {
        int code = symbol - 257;
        bits(code < 8 || code == 28 ? 0 : code / 4 - 1);
        int far = symbol(distances);
        int extra = far < 4 ? 0 : far / 2 - 1;
        int base = far < 4 ? far : (2 + far % 2) << extra;
        largest = Math.max(largest, base + bits(extra) + 1);
      }
    }
  }

  private void readLengths(int[] literals, int[] distances) {
    int literalCount = bits(5) + 257;
    int distanceCount = bits(5) + 1;
    int count = bits(4) + 4;
    int[] order = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    int[] code = new int[19];
    for (int i = 0; i < count; i++) {
      code[order[i]] = bits(3);
    }
    int[] all = new int[literalCount + distanceCount];
    int at = 0;
    while (at < all.length) {
      int symbol = symbol(code);
      if (symbol < 16) {
        all[at++] = symbol;
        continue;
      }
      int value = symbol == 16 ? all[at - 1] : 0;
      int run = symbol == 16 ? 3 + bits(2) : symbol == 17 ? 3 + bits(3) : 11 + bits(7);
      for (; run > 0; run--) {
        all[at++] = value;
      }
    }
    System.arraycopy(all, 0, literals, 0, literalCount);
    System.arraycopy(all, literalCount, distances, 0, distanceCount);
  }

  /** RFC 1951, 3.2.2: codes of a length are consecutive, and follow those one bit shorter. */
  private int symbol(int[] lengths) {
    int code = 0;
    int first = 0;
    for (int length = 1; length <= 15; length++) {
      code = code << 1 | bits(1);
      first <<= 1;
      int index = 0;
      for (int i = 0; i < lengths.length; i++) {
        if (lengths[i] == length) {
          if (first + index == code) {
            return i;
          }
          index++;
        }
      }
      first += index;
    }
    throw new IllegalStateException("no such code");
  }
}
