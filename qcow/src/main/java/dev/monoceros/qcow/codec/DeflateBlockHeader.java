package dev.monoceros.qcow.codec;

/** The two codes of a dynamic block in their run-length and Huffman coded form, 3.2.7. */
final class DeflateBlockHeader {
  private static final int COUNT_BITS = 5;
  private static final int CODE_LENGTH_COUNT_BITS = 4;
  private static final int CODE_LENGTH_BITS = 3;

  /** Symbol in the low bits, the value of its extra bits above. */
  private static final int SYMBOL_BITS = 5;

  private static final int MIN_RUN = 3;
  private static final int MAX_REPEAT = 6;
  private static final int MAX_SHORT_ZEROES = 10;
  private static final int MAX_ZEROES = 138;

  private final HuffmanCode literals;
  private final HuffmanCode distances;
  private final HuffmanCode code =
      new HuffmanCode(DeflateAlphabet.CODE_LENGTHS, DeflateAlphabet.MAX_CODE_LENGTH_CODE);
  private final byte[] lengths = new byte[DeflateAlphabet.LITERALS + DeflateAlphabet.DISTANCES];
  private final int[] runs = new int[lengths.length];
  private int runCount;
  private int literalCount;
  private int distanceCount;
  private int codeCount;

  DeflateBlockHeader(HuffmanCode literals, HuffmanCode distances) {
    this.literals = literals;
    this.distances = distances;
  }

  /** Call when both codes are built. */
  void plan() {
    literalCount = literals.used(DeflateAlphabet.MIN_LITERALS);
    distanceCount = distances.used(DeflateAlphabet.MIN_DISTANCES);
    System.arraycopy(literals.lengths, 0, lengths, 0, literalCount);
    System.arraycopy(distances.lengths, 0, lengths, literalCount, distanceCount);
    code.clearCounts();
    runCount = 0;
    int total = literalCount + distanceCount;
    int at = 0;
    while (at < total) {
      int end = at + 1;
      while (end < total && lengths[end] == lengths[at]) {
        end++;
      }
      addRun(lengths[at], end - at);
      at = end;
    }
    code.build();
    codeCount = DeflateAlphabet.CODE_LENGTHS;
    while (codeCount > DeflateAlphabet.MIN_CODE_LENGTHS
        && code.lengths[DeflateAlphabet.order(codeCount - 1)] == 0) {
      codeCount--;
    }
  }

  private void addRun(int length, int count) {
    int left = count;
    if (length != 0) {
      add(length, 0);
      left--;
    }
    while (left >= MIN_RUN) {
      int part;
      if (length != 0) {
        part = Math.min(left, MAX_REPEAT);
        add(DeflateAlphabet.REPEAT_PREVIOUS, part - MIN_RUN);
      } else if (left <= MAX_SHORT_ZEROES) {
        part = left;
        add(DeflateAlphabet.REPEAT_ZERO, part - MIN_RUN);
      } else {
        part = Math.min(left, MAX_ZEROES);
        add(DeflateAlphabet.REPEAT_ZERO_LONG, part - MAX_SHORT_ZEROES - 1);
      }
      left -= part;
    }
    for (; left > 0; left--) {
      add(length, 0);
    }
  }

  private void add(int symbol, int extra) {
    runs[runCount++] = extra << SYMBOL_BITS | symbol;
    code.counts[symbol]++;
  }

  private static int extraBits(int symbol) {
    return switch (symbol) {
      case DeflateAlphabet.REPEAT_PREVIOUS -> 2;
      case DeflateAlphabet.REPEAT_ZERO -> 3;
      case DeflateAlphabet.REPEAT_ZERO_LONG -> 7;
      default -> 0;
    };
  }

  /** Length of what {@link #write} writes. */
  long bits() {
    long bits = 2 * COUNT_BITS + CODE_LENGTH_COUNT_BITS + (long) codeCount * CODE_LENGTH_BITS;
    for (int i = 0; i < runCount; i++) {
      int symbol = runs[i] & ((1 << SYMBOL_BITS) - 1);
      bits += code.lengths[symbol] + extraBits(symbol);
    }
    return bits;
  }

  void write(BitSink out) {
    out.put(literalCount - DeflateAlphabet.MIN_LITERALS, COUNT_BITS);
    out.put(distanceCount - DeflateAlphabet.MIN_DISTANCES, COUNT_BITS);
    out.put(codeCount - DeflateAlphabet.MIN_CODE_LENGTHS, CODE_LENGTH_COUNT_BITS);
    for (int i = 0; i < codeCount; i++) {
      out.put(code.lengths[DeflateAlphabet.order(i)], CODE_LENGTH_BITS);
    }
    for (int i = 0; i < runCount; i++) {
      int symbol = runs[i] & ((1 << SYMBOL_BITS) - 1);
      out.put(code.codes[symbol], code.lengths[symbol]);
      out.put(runs[i] >>> SYMBOL_BITS, extraBits(symbol));
    }
  }
}
