package dev.monoceros.qcow.codec;

/** The symbols of deflate, RFC 1951, 3.2.5 to 3.2.7: what is fixed, computed once. */
final class DeflateAlphabet {
  static final int MIN_MATCH = 3;
  static final int MAX_MATCH = 258;
  static final int END_OF_BLOCK = 256;
  static final int FIRST_LENGTH = 257;
  static final int LITERALS = 286;
  static final int MIN_LITERALS = 257;

  /** A window of 4 KiB needs codes 0 to 23 only. */
  static final int DISTANCES = 24;

  static final int MIN_DISTANCES = 1;
  static final int MAX_CODE = 15;

  static final int REPEAT_PREVIOUS = 16;
  static final int REPEAT_ZERO = 17;
  static final int REPEAT_ZERO_LONG = 18;
  static final int CODE_LENGTHS = 19;
  static final int MIN_CODE_LENGTHS = 4;
  static final int MAX_CODE_LENGTH_CODE = 7;

  private static final int LENGTH_CODES = 29;
  private static final int WINDOW = 4096;
  private static final int LENGTH_GROUP = 4;
  private static final int DISTANCE_GROUP = 2;

  private static final int[] ORDER = {
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15
  };

  final byte[] lengthCode = new byte[MAX_MATCH - MIN_MATCH + 1];
  final byte[] lengthExtra = new byte[LENGTH_CODES];
  final short[] lengthBase = new short[LENGTH_CODES];
  final byte[] distanceCode = new byte[WINDOW];
  final byte[] distanceExtra = new byte[DISTANCES];
  final short[] distanceBase = new short[DISTANCES];

  DeflateAlphabet() {
    int base = 0;
    for (int code = 0; code < LENGTH_CODES - 1; code++) {
      lengthExtra[code] = (byte) extraBits(code, LENGTH_GROUP);
      lengthBase[code] = (short) base;
      for (int i = 0; i < 1 << lengthExtra[code] && base < lengthCode.length; i++) {
        lengthCode[base++] = (byte) code;
      }
    }
    // Length 258 has a code of its own, without extra bits.
    lengthCode[MAX_MATCH - MIN_MATCH] = LENGTH_CODES - 1;
    lengthBase[LENGTH_CODES - 1] = MAX_MATCH - MIN_MATCH;
    base = 0;
    for (int code = 0; code < DISTANCES; code++) {
      distanceExtra[code] = (byte) extraBits(code, DISTANCE_GROUP);
      distanceBase[code] = (short) base;
      for (int i = 0; i < 1 << distanceExtra[code]; i++) {
        distanceCode[base++] = (byte) code;
      }
    }
  }

  /** Codes come in groups, each with one extra bit more; the first two groups have none. */
  private static int extraBits(int code, int group) {
    return Math.max(0, code / group - 1);
  }

  /** Which code length's code length comes {@code i}-th in a block's header. */
  static int order(int i) {
    return ORDER[i];
  }
}
