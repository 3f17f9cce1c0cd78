package dev.monoceros.qcow.map;

import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A table of 64-bit entries that is in memory from open to close: the L1 or refcount table. */
final class ResidentTable {
  private static final int CHUNK_ENTRIES = 8192;

  private final OrderedFile file;
  private final long offset;
  private final long[] entries;
  private final ByteBuffer oneEntry = ByteBuffer.allocateDirect(TableEntry.BYTES);
  private int dirtyFrom;
  private int dirtyTo;

  private ResidentTable(OrderedFile file, long offset, long[] entries) {
    this.file = file;
    this.offset = offset;
    this.entries = entries;
  }

  /** Reads a table whose size the header parser has bounded. */
  static ResidentTable read(OrderedFile file, long offset, int count) throws ImageFault {
    long[] entries = new long[count];
    ByteBuffer chunk = ByteBuffer.allocateDirect(Math.min(count, CHUNK_ENTRIES) * TableEntry.BYTES);
    for (int at = 0; at < count; at += CHUNK_ENTRIES) {
      int length = Math.min(CHUNK_ENTRIES, count - at);
      chunk.clear().limit(length * TableEntry.BYTES);
      file.read(chunk, offset + (long) at * TableEntry.BYTES);
      chunk.flip().asLongBuffer().get(entries, at, length);
    }
    return new ResidentTable(file, offset, entries);
  }

  /** A table that the file holds already. */
  static ResidentTable of(OrderedFile file, long offset, long[] entries) {
    return new ResidentTable(file, offset, entries);
  }

  long offset() {
    return offset;
  }

  int length() {
    return entries.length;
  }

  long get(int index) {
    return entries[index];
  }

  /** Where entry {@code index} is in the file. */
  long offsetOf(int index) {
    return offset + (long) index * TableEntry.BYTES;
  }

  /** Writes one entry at once; memory changes only if the file did. */
  void store(int index, long value) throws ImageFault {
    file.write(oneEntry.clear().putLong(0, value), offsetOf(index));
    entries[index] = value;
  }

  /** Changes an entry in memory, to be written by {@link #writeBack()}. */
  void set(int index, long value) {
    dirtyFrom = dirty() ? Math.min(dirtyFrom, index) : index;
    dirtyTo = Math.max(dirtyTo, index + 1);
    entries[index] = value;
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

  private ByteBuffer encode(int from, int to) {
    ByteBuffer bytes = ByteBuffer.allocate((to - from) * TableEntry.BYTES);
    bytes.asLongBuffer().put(entries, from, to - from);
    return bytes;
  }

  long[] copyOfEntries(int newLength) {
    return Arrays.copyOf(entries, newLength);
  }
}
