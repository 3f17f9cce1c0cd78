package dev.monoceros.qcow.codec;

/**
 * One block of a deflate stream, RFC 1951, 3.2.3: its symbols are collected first and written, the
 * cheapest way, at the end.
 */
final class DeflateBlock {
  /** Symbols in a block, as zlib has them with memLevel 9. */
  private static final int CAPACITY = (1 << 15) - 1;

  private static final int STORED = 0;
  private static final int DYNAMIC = 2;
  private static final int TYPE_BITS = 2;
  private static final int STORED_LENGTH_BITS = 16;
  private static final int MAX_STORED = (1 << STORED_LENGTH_BITS) - 1;

  /** A match is kept as its distance above its length minus 3. */
  private static final int DISTANCE_SHIFT = 8;

  private final DeflateAlphabet alphabet = new DeflateAlphabet();
  private final HuffmanCode literals =
      new HuffmanCode(DeflateAlphabet.LITERALS, DeflateAlphabet.MAX_CODE);
  private final HuffmanCode distances =
      new HuffmanCode(DeflateAlphabet.DISTANCES, DeflateAlphabet.MAX_CODE);
  private final DeflateBlockHeader header = new DeflateBlockHeader(literals, distances);
  private final int[] symbols = new int[CAPACITY];
  private final BitSink out;
  private int count;

  DeflateBlock(BitSink out) {
    this.out = out;
  }

  void clear() {
    count = 0;
    literals.clearCounts();
    distances.clearCounts();
  }

  boolean full() {
    return count == CAPACITY;
  }

  void literal(int value) {
    symbols[count++] = value;
    literals.counts[value]++;
  }

  void match(int length, int distance) {
    int over = length - DeflateAlphabet.MIN_MATCH;
    symbols[count++] = distance << DISTANCE_SHIFT | over;
    literals.counts[DeflateAlphabet.FIRST_LENGTH + alphabet.lengthCode[over]]++;
    distances.counts[alphabet.distanceCode[distance - 1]]++;
  }

  /**
   * Writes the block if that leaves the stream within {@code room} bytes.
   *
   * @param data holds, from {@code from} to {@code to}, what the symbols stand for
   * @return false if there is no room
   */
  boolean write(byte[] data, int from, int to, boolean last, int room) {
    literals.counts[DeflateAlphabet.END_OF_BLOCK] = 1;
    literals.build();
    distances.build();
    header.plan();
    long dynamic = 1 + TYPE_BITS + header.bits() + literals.cost() + distances.cost() + extra();
    int length = to - from;
    long stored = Byte.SIZE + 2L * STORED_LENGTH_BITS + (long) length * Byte.SIZE;
    boolean copy = stored <= dynamic && length <= MAX_STORED;
    long end = out.bits() + (copy ? stored + Byte.SIZE : dynamic);
    if (end > (long) room * Byte.SIZE) {
      return false;
    }
    out.put(last ? 1 : 0, 1);
    if (copy) {
      store(data, from, length);
    } else {
      out.put(DYNAMIC, TYPE_BITS);
      header.write(out);
      putSymbols();
    }
    return true;
  }

  /** 3.2.4: the length, its complement, the bytes. */
  private void store(byte[] data, int from, int length) {
    out.put(STORED, TYPE_BITS);
    out.align();
    out.put(length, STORED_LENGTH_BITS);
    out.put(length ^ MAX_STORED, STORED_LENGTH_BITS);
    out.align();
    out.putBytes(data, from, length);
  }

  /** Bits that follow the codes of lengths and distances. */
  private long extra() {
    long bits = 0;
    for (int i = 0; i < alphabet.lengthExtra.length; i++) {
      bits += (long) literals.counts[DeflateAlphabet.FIRST_LENGTH + i] * alphabet.lengthExtra[i];
    }
    for (int i = 0; i < alphabet.distanceExtra.length; i++) {
      bits += (long) distances.counts[i] * alphabet.distanceExtra[i];
    }
    return bits;
  }

  private void putSymbols() {
    for (int i = 0; i < count; i++) {
      int symbol = symbols[i];
      int distance = symbol >>> DISTANCE_SHIFT;
      int low = symbol & ((1 << DISTANCE_SHIFT) - 1);
      if (distance == 0) {
        out.put(literals.codes[low], literals.lengths[low]);
      } else {
        putMatch(low, distance - 1);
      }
    }
    int end = DeflateAlphabet.END_OF_BLOCK;
    out.put(literals.codes[end], literals.lengths[end]);
  }

  private void putMatch(int over, int back) {
    int code = alphabet.lengthCode[over];
    int symbol = DeflateAlphabet.FIRST_LENGTH + code;
    int bits = literals.lengths[symbol];
    out.put(
        literals.codes[symbol] | (over - alphabet.lengthBase[code]) << bits,
        bits + alphabet.lengthExtra[code]);
    int far = alphabet.distanceCode[back];
    bits = distances.lengths[far];
    out.put(
        distances.codes[far] | (back - alphabet.distanceBase[far]) << bits,
        bits + alphabet.distanceExtra[far]);
  }
}
