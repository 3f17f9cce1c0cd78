package dev.monoceros.qcow.codec;

/**
 * Raw deflate in a window of 4 KiB. QEMU inflates with windowBits -12, while the JDK's Deflater
 * always uses 32 KiB; so this is an encoder of our own. It looks for matches as zlib does at level
 * 6: a match is put off by one byte if the next place has a longer one.
 */
final class DeflateCompressor implements ClusterCompressor {
  /** zlib's configuration_table[6]: good_length, max_lazy, nice_length. */
  private static final int GOOD = 8;

  private static final int LAZY = 16;
  private static final int NICE = 128;

  /**
   * zlib's max_chain is 128 for 32 KiB. In 4 KiB a quarter of it loses 0.4% in size and saves a
   * quarter of the time; in both it is then at zlib's own figure or better.
   */
  private static final int CHAIN = 32;

  private final HashChains chains = new HashChains();
  private final BitSink out = new BitSink();
  private final DeflateBlock block = new DeflateBlock(out);
  private byte[] data = new byte[0];

  @Override
  public int compress(byte[] cluster, byte[] packed) {
    int length = cluster.length;
    int room = length - 1;
    if (data.length < length + HashChains.SLACK) {
      data = new byte[length + HashChains.SLACK];
    }
    System.arraycopy(cluster, 0, data, 0, length);
    chains.start(data, length);
    out.clear(room);
    if (!blocks(length, room)) {
      return INCOMPRESSIBLE;
    }
    out.align();
    if (out.length() > room) {
      return INCOMPRESSIBLE;
    }
    out.copyTo(packed);
    return out.length();
  }

  private boolean blocks(int length, int room) {
    int blockStart = 0;
    int at = 0;
    int previousLength = 0;
    int previousPlace = 0;
    boolean pending = false;
    block.clear();
    while (at < length) {
      int candidate = at + DeflateAlphabet.MIN_MATCH <= length ? chains.insert(at) : -1;
      int best = DeflateAlphabet.MIN_MATCH - 1;
      if (candidate >= 0 && previousLength < LAZY) {
        int chain = previousLength >= GOOD ? CHAIN >> 2 : CHAIN;
        best = chains.longest(at, candidate, Math.max(best, previousLength), chain, NICE);
      }
      if (previousLength >= DeflateAlphabet.MIN_MATCH && best <= previousLength) {
        // Nothing longer here: the match that began one byte before is taken.
        block.match(previousLength, at - 1 - previousPlace);
        int end = at - 1 + previousLength;
        insertTo(at + 1, Math.min(end, length - DeflateAlphabet.MIN_MATCH + 1));
        at = end;
        previousLength = 0;
        pending = false;
      } else {
        if (pending) {
          block.literal(Byte.toUnsignedInt(data[at - 1]));
        }
        pending = true;
        previousLength = best > DeflateAlphabet.MIN_MATCH - 1 ? best : 0;
        previousPlace = chains.found();
        at++;
      }
      if (block.full()) {
        int blockEnd = pending ? at - 1 : at;
        if (!block.write(data, blockStart, blockEnd, false, room)) {
          return false;
        }
        blockStart = blockEnd;
        block.clear();
      }
    }
    if (pending) {
      block.literal(Byte.toUnsignedInt(data[length - 1]));
    }
    return block.write(data, blockStart, length, true, room);
  }

  private void insertTo(int from, int to) {
    for (int at = from; at < to; at++) {
      chains.insert(at);
    }
  }

  /** Holds nothing but arrays. */
  @Override
  public void close() {}
}
