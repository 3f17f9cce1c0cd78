package dev.monoceros.machine.block;

import dev.monoceros.machine.block.ChunkPool.Chunk;
import dev.monoceros.virtio.memory.GuestBuffers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A disk of which some chunks are in memory; what the others hold, the kind of disk says. */
abstract class ChunkedDisk implements Disk {
  private final ChunkMap chunks;
  private long size;
  private IOException failure;

  /**
   * @param size bytes, a multiple of the sector
   */
  ChunkedDisk(ChunkMap chunks, long size) {
    this.chunks = chunks;
    this.size = size;
  }

  /** Fills {@code length} bytes of {@code target}, from {@code to} on, with what no chunk has. */
  abstract void readAbsent(long offset, MemorySegment target, long to, long length)
      throws IOException;

  /** Whether what no chunk has reads as zero from {@code offset} to the end of its chunk. */
  abstract boolean absentIsZero(long offset);

  @Override
  public final long capacitySectors() {
    return size / SECTOR_SIZE;
  }

  final long size() {
    return size;
  }

  @Override
  public final void read(long offset, GuestBuffers target) throws IOException {
    long at = offset;
    for (int i = 0; i < target.count(); i++) {
      read(at, target.region(i), target.offset(i), target.length(i));
      at += target.length(i);
    }
  }

  @Override
  public final void read(long offset, MemorySegment target) throws IOException {
    read(offset, target, 0, target.byteSize());
  }

  private void read(long offset, MemorySegment target, long to, long length) throws IOException {
    long done = 0;
    while (done < length) {
      long at = offset + done;
      Chunk chunk = chunks.get(at);
      long part = Math.min(length - done, leftInChunk(at));
      if (chunk == null) {
        while (part < length - done && chunks.get(at + part) == null) {
          part = Math.min(length - done, part + chunks.chunkSize());
        }
        absent(at, target, to + done, part);
      } else if (chunk.isZero()) {
        target.asSlice(to + done, part).fill((byte) 0);
      } else {
        MemorySegment.copy(chunk.bytes(), inChunk(at), target, to + done, part);
      }
      done += part;
    }
  }

  private void absent(long at, MemorySegment target, long to, long length) throws IOException {
    try {
      readAbsent(at, target, to, length);
    } catch (IOException e) {
      throw noted(e);
    }
  }

  @Override
  public final void write(long offset, GuestBuffers source) throws IOException {
    long at = offset;
    for (int i = 0; i < source.count(); i++) {
      write(at, source.region(i), source.offset(i), source.length(i));
      at += source.length(i);
    }
  }

  @Override
  public final void write(long offset, MemorySegment source) throws IOException {
    write(offset, source, 0, source.byteSize());
  }

  private void write(long offset, MemorySegment source, long from, long length) throws IOException {
    requireWritable();
    long done = 0;
    while (done < length) {
      long at = offset + done;
      long part = Math.min(length - done, leftInChunk(at));
      MemorySegment chunk = chunkForWriting(at, part);
      MemorySegment.copy(source, from + done, chunk, inChunk(at), part);
      done += part;
    }
  }

  /** The chunk of {@code at}, filled unless all of it is about to be written. */
  private MemorySegment chunkForWriting(long at, long length) throws IOException {
    Chunk chunk = chunks.get(at);
    if (chunk != null && !chunk.isZero()) {
      return chunk.bytes();
    }
    Chunk made = added(at);
    if (length < chunks.chunkSize()) {
      if (chunk == null) {
        fill(at, made);
      } else {
        made.bytes().fill((byte) 0);
      }
    }
    return made.bytes();
  }

  private Chunk added(long at) throws IOException {
    try {
      return chunks.add(at);
    } catch (IOException e) {
      throw noted(e);
    }
  }

  private void fill(long at, Chunk made) throws IOException {
    try {
      readAbsent(at - inChunk(at), made.bytes(), 0, chunks.chunkSize());
    } catch (IOException e) {
      chunks.remove(at);
      throw noted(e);
    }
  }

  @Override
  public final void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    requireWritable();
    for (long at = offset; at < offset + length; at += leftInChunk(at)) {
      long part = Math.min(offset + length - at, leftInChunk(at));
      if (isWhole(at, part) && (mayUnmap || !isHeld(at))) {
        drop(at);
      } else {
        zeroWithin(at, part);
      }
    }
  }

  /** Whether a range is all that the disk has of a chunk. */
  private boolean isWhole(long at, long length) {
    return inChunk(at) == 0 && (length == chunks.chunkSize() || at + length == size);
  }

  private boolean isHeld(long at) {
    Chunk chunk = chunks.get(at);
    return chunk != null && !chunk.isZero();
  }

  private void zeroWithin(long at, long length) throws IOException {
    Chunk chunk = chunks.get(at);
    boolean zero = chunk == null ? absentIsZero(at - inChunk(at)) : chunk.isZero();
    if (!zero) {
      chunkForWriting(at, length).asSlice(inChunk(at), length).fill((byte) 0);
    }
  }

  /** The whole chunk at {@code at} reads as zero from now on and holds no memory. */
  private void drop(long at) throws IOException {
    try {
      if (absentIsZero(at)) {
        chunks.remove(at);
      } else {
        chunks.zero(at);
      }
    } catch (IOException e) {
      throw noted(e);
    }
  }

  @Override
  public final boolean unmapsZeroes() {
    return true;
  }

  @Override
  public final boolean discards() {
    return true;
  }

  @Override
  public final int discardAlignment() {
    return chunks.chunkSize();
  }

  /**
   * Parts of chunks keep what they hold. A chunk that was written reads as zero, so that what lies
   * below it does not come back; to cover one that was not would be no help to anybody.
   */
  @Override
  public final void discard(long offset, long length) throws IOException {
    requireWritable();
    for (long at = offset; at < offset + length; at += leftInChunk(at)) {
      long part = Math.min(offset + length - at, leftInChunk(at));
      if (isWhole(at, part) && chunks.get(at) != null) {
        drop(at);
      }
    }
  }

  /** Overwrites the memory of chunks that hold something of the range. */
  final void eraseHeld(long offset, long length) throws IOException {
    requireWritable();
    for (long at = offset; at < offset + length; at += leftInChunk(at)) {
      Chunk chunk = chunks.get(at);
      if (chunk != null && !chunk.isZero()) {
        long part = Math.min(offset + length - at, leftInChunk(at));
        chunk.bytes().asSlice(inChunk(at), part).fill((byte) 0);
      }
    }
  }

  private void requireWritable() throws IOException {
    if (readOnly()) {
      throw new IOException("the disk is read-only");
    }
  }

  /** What is cut off does not come back, and what is added reads as zero. */
  @Override
  public void resize(long bytes) throws IOException {
    requireWritable();
    if (bytes < size) {
      long in = inChunk(bytes);
      if (in > 0) {
        eraseHeld(bytes, leftInChunk(bytes));
      }
      chunks.removeFrom(in == 0 ? bytes : bytes + leftInChunk(bytes));
    }
    size = bytes;
  }

  /** Nothing of it is meant to survive. */
  @Override
  public final void flush() {}

  private long inChunk(long offset) {
    return offset & (chunks.chunkSize() - 1);
  }

  private long leftInChunk(long offset) {
    return chunks.chunkSize() - inChunk(offset);
  }

  /** Bytes that the guest's data takes in memory, in whole chunks. */
  public final long heldBytes() {
    return chunks.heldBytes();
  }

  /** Bytes taken from the host: what is held, and at most 2 MiB more than slabs have free. */
  final long hostBytes() {
    return chunks.hostBytes();
  }

  private IOException noted(IOException e) {
    if (failure == null) {
      failure = e;
    }
    return e;
  }

  @Override
  public final Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() throws IOException {
    chunks.close();
  }
}
