package dev.monoceros.qcow.bitmap;

import java.util.Arrays;

/**
 * The bits of one bitmap, in pieces of a cluster: bit 0 of byte 0 stands for the start of the disk.
 * Pieces of zeros or of ones only take no memory.
 */
public final class BitmapBits {
  private static final byte[] ONES = {};

  private static final int LOOSE_PIECE = 4096;

  private final int granularityBits;
  private final int pieceBytes;
  private final long diskSize;
  private final byte[][] pieces;

  /** All zero. */
  BitmapBits(int granularityBits, int pieceBytes, long diskSize) {
    this.granularityBits = granularityBits;
    this.pieceBytes = pieceBytes;
    this.diskSize = diskSize;
    this.pieces = new byte[Math.toIntExact(pieces(granularityBits, pieceBytes, diskSize))][];
  }

  /** All zero, for bits that are not kept in an image. */
  public static BitmapBits ofDisk(long granularity, long diskSize) {
    return new BitmapBits(Long.numberOfTrailingZeros(granularity), LOOSE_PIECE, diskSize);
  }

  /** The same bits, which go their own way from now on. */
  public BitmapBits copy() {
    BitmapBits copy = new BitmapBits(granularityBits, pieceBytes, diskSize);
    for (int i = 0; i < pieces.length; i++) {
      copy.pieces[i] = zeros(i) || ones(i) ? pieces[i] : pieces[i].clone();
    }
    return copy;
  }

  /** Pieces that a bitmap of a disk has. */
  static long pieces(int granularityBits, int pieceBytes, long diskSize) {
    long bytes = (bits(granularityBits, diskSize) + Byte.SIZE - 1) / Byte.SIZE;
    return (bytes + pieceBytes - 1) / pieceBytes;
  }

  private static long bits(int granularityBits, long diskSize) {
    long granularity = 1L << granularityBits;
    return (diskSize >>> granularityBits) + ((diskSize & (granularity - 1)) == 0 ? 0 : 1);
  }

  long diskSize() {
    return diskSize;
  }

  int pieces() {
    return pieces.length;
  }

  /** A piece that is not {@link #zeros} nor {@link #ones}. */
  byte[] piece(int index) {
    return pieces[index];
  }

  boolean zeros(int index) {
    return pieces[index] == null;
  }

  boolean ones(int index) {
    return pieces[index] == ONES;
  }

  void load(int index, byte[] piece) {
    pieces[index] = piece;
  }

  void loadOnes(int index) {
    pieces[index] = ONES;
  }

  /** Sets the bits of all that a range of the disk touches. */
  public void set(long offset, long length) {
    long end = Math.min(offset + length, diskSize);
    if (offset >= end) {
      return;
    }
    long last = (end - 1) >>> granularityBits;
    long pieceBits = (long) pieceBytes * Byte.SIZE;
    long bit = offset >>> granularityBits;
    while (bit <= last) {
      int index = (int) (bit / pieceBits);
      long pieceEnd = (index + 1) * pieceBits;
      long to = Math.min(last + 1, pieceEnd);
      if (bit == index * pieceBits && to == pieceEnd) {
        pieces[index] = ONES;
      } else if (pieces[index] != ONES) {
        setBits(writable(index), (int) (bit % pieceBits), (int) (to - index * pieceBits));
      }
      bit = to;
    }
  }

  private byte[] writable(int index) {
    if (pieces[index] == null) {
      pieces[index] = new byte[pieceBytes];
    } else if (pieces[index] == ONES) {
      pieces[index] = new byte[pieceBytes];
      Arrays.fill(pieces[index], (byte) -1);
    }
    return pieces[index];
  }

  private static void setBits(byte[] piece, int from, int to) {
    for (int bit = from; bit < to; bit++) {
      if (bit % Byte.SIZE == 0 && to - bit >= Byte.SIZE) {
        piece[bit / Byte.SIZE] = -1;
        bit += Byte.SIZE - 1;
      } else {
        piece[bit / Byte.SIZE] |= (byte) (1 << (bit % Byte.SIZE));
      }
    }
  }

  /** The bit that stands for the byte at {@code offset}. */
  public boolean get(long offset) {
    return bit(offset >>> granularityBits);
  }

  private boolean bit(long bit) {
    long pieceBits = (long) pieceBytes * Byte.SIZE;
    byte[] piece = pieces[(int) (bit / pieceBits)];
    if (piece == null || piece == ONES) {
      return piece == ONES;
    }
    int in = (int) (bit % pieceBits);
    return (piece[in / Byte.SIZE] >> (in % Byte.SIZE) & 1) != 0;
  }

  /** Sets here what is set in another bitmap of the same disk size and any granularity. */
  void merge(BitmapBits other) {
    long bits = bits(other.granularityBits, diskSize);
    long pieceBits = (long) other.pieceBytes * Byte.SIZE;
    long bit = 0;
    while (bit < bits) {
      int index = (int) (bit / pieceBits);
      long pieceEnd = Math.min(bits, (index + 1) * pieceBits);
      if (other.zeros(index)) {
        bit = pieceEnd;
        continue;
      }
      long from = bit;
      while (bit < pieceEnd && other.bit(bit)) {
        bit++;
      }
      if (bit > from) {
        set(from << other.granularityBits, (bit - from) << other.granularityBits);
      } else {
        bit++;
      }
    }
  }

  /** The same bits for a disk of another size; what is added is zero. */
  BitmapBits resized(long newSize) {
    BitmapBits result = new BitmapBits(granularityBits, pieceBytes, newSize);
    int common = Math.min(pieces.length, result.pieces.length);
    System.arraycopy(pieces, 0, result.pieces, 0, common);
    long valid = Math.min(bits(granularityBits, diskSize), bits(granularityBits, newSize));
    long pieceBits = (long) pieceBytes * Byte.SIZE;
    if (common > 0 && valid < common * pieceBits && !result.zeros(common - 1)) {
      byte[] last = result.writable(common - 1);
      for (int bit = (int) (valid - (common - 1) * pieceBits); bit < pieceBits; bit++) {
        last[bit / Byte.SIZE] &= (byte) ~(1 << (bit % Byte.SIZE));
      }
    }
    return result;
  }
}
