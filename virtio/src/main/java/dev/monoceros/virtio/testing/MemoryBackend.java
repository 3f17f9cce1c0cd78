package dev.monoceros.virtio.testing;

import dev.monoceros.virtio.blk.BlockBackend;
import dev.monoceros.virtio.memory.GuestBuffers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A disk in a byte array that counts its calls and fails when told to; open to other failures. */
public class MemoryBackend implements BlockBackend {
  private final boolean readOnly;
  private byte[] bytes;
  private MemorySegment segment;
  private IOException failure;
  private long reads;
  private long writes;
  private long flushes;
  private long unflushed;
  private long discards;
  private long zeroings;
  private long erasures;

  /** A writable disk of {@code sectors} zero sectors. */
  public MemoryBackend(int sectors) {
    this(sectors, false);
  }

  /** A disk of {@code sectors} zero sectors. */
  public MemoryBackend(int sectors, boolean readOnly) {
    this.readOnly = readOnly;
    this.bytes = new byte[Math.multiplyExact(sectors, SECTOR_SIZE)];
    this.segment = MemorySegment.ofArray(bytes);
  }

  /** The disk's contents themselves, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /** Changes the capacity, keeping what fits. */
  public void resize(int sectors) {
    bytes = Arrays.copyOf(bytes, Math.multiplyExact(sectors, SECTOR_SIZE));
    segment = MemorySegment.ofArray(bytes);
  }

  /** Makes every operation fail with {@code error} from now on; null ends that. */
  public void failWith(IOException error) {
    failure = error;
  }

  /** Reads asked for. */
  public long reads() {
    return reads;
  }

  /** Writes asked for. */
  public long writes() {
    return writes;
  }

  /** Flushes asked for. */
  public long flushes() {
    return flushes;
  }

  /** Writes done since the last flush: what a power cut could lose. */
  public long unflushed() {
    return unflushed;
  }

  @Override
  public long capacitySectors() {
    return bytes.length / SECTOR_SIZE;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public void read(long offset, GuestBuffers target) throws IOException {
    reads++;
    failIfTold();
    long at = offset;
    for (int i = 0; i < target.count(); i++) {
      MemorySegment.copy(segment, at, target.region(i), target.offset(i), target.length(i));
      at += target.length(i);
    }
  }

  @Override
  public void write(long offset, GuestBuffers source) throws IOException {
    writes++;
    failIfTold();
    if (readOnly) {
      throw new IOException("a write reached a read-only backend");
    }
    long at = offset;
    for (int i = 0; i < source.count(); i++) {
      MemorySegment.copy(source.region(i), source.offset(i), segment, at, source.length(i));
      at += source.length(i);
    }
    unflushed++;
  }

  @Override
  public void flush() throws IOException {
    flushes++;
    failIfTold();
    unflushed = 0;
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    change(offset, length);
    zeroings++;
  }

  @Override
  public boolean discards() {
    return true;
  }

  /** Zeroes the bytes, so that a test sees which they were. */
  @Override
  public void discard(long offset, long length) throws IOException {
    change(offset, length);
    discards++;
  }

  @Override
  public boolean erasesSecurely() {
    return true;
  }

  @Override
  public void secureErase(long offset, long length) throws IOException {
    change(offset, length);
    erasures++;
  }

  private void change(long offset, long length) throws IOException {
    failIfTold();
    if (readOnly) {
      throw new IOException("a change reached a read-only backend");
    }
    segment.asSlice(offset, length).fill((byte) 0);
    unflushed++;
  }

  /** Discards done. */
  public long discardCount() {
    return discards;
  }

  /** Write-zeroes done. */
  public long zeroings() {
    return zeroings;
  }

  /** Secure erasures done. */
  public long erasures() {
    return erasures;
  }

  private void failIfTold() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }
}
