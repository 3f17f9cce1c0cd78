package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A table of 64-bit entries that stays in memory: the L1 or refcount table. It is read when it is
 * opened; only an L1 table beyond QEMU's limit is read in pieces, each when it is first needed.
 */
final class ResidentTable {
  private static final int PIECE_BITS = 13;
  private static final int PIECE = 1 << PIECE_BITS;

  private final OrderedFile file;
  private final long offset;
  private final int length;
  private final long[][] pieces;
  private final ByteBuffer oneEntry = ByteBuffer.allocateDirect(TableEntry.BYTES);
  private final ByteBuffer buffer;

  /** Stands for every piece without an entry; never changed. */
  private final long[] noEntries = new long[PIECE];

  private int dirtyFrom;
  private int dirtyTo;

  private ResidentTable(OrderedFile file, long offset, int length) {
    this.file = file;
    this.offset = offset;
    this.length = length;
    this.pieces = new long[(length + PIECE - 1) >>> PIECE_BITS][];
    this.buffer = ByteBuffer.allocateDirect(Math.min(length, PIECE) * TableEntry.BYTES);
  }

  /** Reads a table whose size the header parser has bounded. */
  static ResidentTable read(OrderedFile file, long offset, int count) throws ImageFault {
    ResidentTable table = new ResidentTable(file, offset, count);
    if ((long) count * TableEntry.BYTES <= Limits.L1_BYTES) {
      for (int i = 0; i < table.pieces.length; i++) {
        table.load(i);
      }
    }
    return table;
  }

  /** A table that the file holds already. */
  static ResidentTable of(OrderedFile file, long offset, long[] entries) {
    ResidentTable table = new ResidentTable(file, offset, entries.length);
    for (int i = 0; i < table.pieces.length; i++) {
      table.pieces[i] = new long[PIECE];
      System.arraycopy(entries, i << PIECE_BITS, table.pieces[i], 0, table.lengthOf(i));
    }
    return table;
  }

  private int lengthOf(int piece) {
    return Math.min(PIECE, length - (piece << PIECE_BITS));
  }

  private long[] load(int piece) throws ImageFault {
    int entries = lengthOf(piece);
    file.read(buffer.clear().limit(entries * TableEntry.BYTES), offsetOf(piece << PIECE_BITS));
    long[] read = new long[PIECE];
    buffer.flip().asLongBuffer().get(read, 0, entries);
    pieces[piece] = Arrays.equals(read, noEntries) ? noEntries : read;
    return pieces[piece];
  }

  /** The piece, for changing it. */
  private long[] own(int piece) {
    if (pieces[piece] == noEntries) {
      pieces[piece] = new long[PIECE];
    }
    return pieces[piece];
  }

  long offset() {
    return offset;
  }

  int length() {
    return length;
  }

  long get(int index) throws ImageFault {
    long[] piece = pieces[index >>> PIECE_BITS];
    if (piece == null) {
      piece = load(index >>> PIECE_BITS);
    }
    return piece[index & (PIECE - 1)];
  }

  /** First index from {@code from} on whose entry is not zero, or {@link #length()}. */
  int next(int from) throws ImageFault {
    int index = from;
    while (index < length && get(index) == 0) {
      long[] piece = pieces[index >>> PIECE_BITS];
      int end = (index | (PIECE - 1)) + 1;
      while (index < end && (piece == noEntries || piece[index & (PIECE - 1)] == 0)) {
        index = piece == noEntries ? end : index + 1;
      }
    }
    return Math.min(index, length);
  }

  /** Where entry {@code index} is in the file. */
  long offsetOf(int index) {
    return offset + (long) index * TableEntry.BYTES;
  }

  /** Writes one entry at once; memory changes only if the file did. */
  void store(int index, long value) throws ImageFault {
    get(index);
    file.write(oneEntry.clear().putLong(0, value), offsetOf(index));
    own(index >>> PIECE_BITS)[index & (PIECE - 1)] = value;
  }

  /** Changes an entry in memory, to be written by {@link #writeBack()}. */
  void set(int index, long value) throws ImageFault {
    get(index);
    dirtyFrom = dirty() ? Math.min(dirtyFrom, index) : index;
    dirtyTo = Math.max(dirtyTo, index + 1);
    own(index >>> PIECE_BITS)[index & (PIECE - 1)] = value;
  }

  boolean dirty() {
    return dirtyTo > 0;
  }

  void writeBack() throws ImageFault {
    if (!dirty()) {
      return;
    }
    file.write(encode(dirtyFrom, dirtyTo), offsetOf(dirtyFrom));
    dirtyFrom = 0;
    dirtyTo = 0;
  }

  private ByteBuffer encode(int from, int to) throws ImageFault {
    ByteBuffer bytes = ByteBuffer.allocate((to - from) * TableEntry.BYTES);
    for (int i = from; i < to; i++) {
      bytes.putLong(get(i));
    }
    return bytes.flip();
  }

  long[] copyOfEntries(int newLength) throws ImageFault {
    long[] entries = new long[newLength];
    for (int i = 0; i < Math.min(length, newLength); i++) {
      entries[i] = get(i);
    }
    return entries;
  }
}
