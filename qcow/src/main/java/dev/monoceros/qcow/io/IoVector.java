package dev.monoceros.qcow.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Pieces of memory outside the heap that together hold consecutive bytes of a disk, on their way to
 * or from a file in as few calls as may be ({@code struct iovec}, readv(2)). Whoever moves bytes
 * advances it.
 *
 * <p>The kernel gets plain addresses: the memory must not be freed meanwhile.
 */
public final class IoVector {
  /** IOV_MAX of Linux: the most pieces of one call. */
  private static final int MOST = 1024;

  private static final long ENTRY = 2L * Long.BYTES;

  private MemorySegment entries = MemorySegment.NULL;
  private List<MemorySegment> pieces = List.of();
  private int next;
  private long inNext;
  private long remaining;

  /** Whether all pieces lie outside the heap, so that the kernel can be given their addresses. */
  public static boolean takes(List<MemorySegment> pieces) {
    for (MemorySegment piece : pieces) {
      if (!piece.isNative()) {
        return false;
      }
    }
    return true;
  }

  /** Begins with the first byte of these pieces, {@code total} bytes in all. */
  public void begin(List<MemorySegment> newPieces, long total) {
    pieces = newPieces;
    next = 0;
    inNext = 0;
    remaining = total;
    advance(0);
  }

  /** Forgets the pieces. */
  public void end() {
    pieces = List.of();
    remaining = 0;
  }

  /** Bytes that are still to be moved. */
  public long remaining() {
    return remaining;
  }

  /** How many of them are in one piece with the next byte. */
  public long inPiece() {
    return remaining == 0 ? 0 : pieces.get(next).byteSize() - inNext;
  }

  /** The next bytes, in one piece and at most {@code most}, as a buffer; does not advance. */
  public ByteBuffer piece(long most) {
    return pieces.get(next).asSlice(inNext, Math.min(most, inPiece())).asByteBuffer();
  }

  /** {@code bytes} have been moved; goes on to a piece that is not empty. */
  public void advance(long bytes) {
    remaining -= bytes;
    inNext += bytes;
    while (next < pieces.size() && inNext >= pieces.get(next).byteSize()) {
      inNext -= pieces.get(next++).byteSize();
    }
  }

  /** Describes the next {@code length} bytes, or as many as fit one call; returns the pieces. */
  int describe(long length) {
    if (entries == MemorySegment.NULL) {
      entries = Arena.ofAuto().allocate(MOST * ENTRY, Long.BYTES);
    }
    long left = length;
    long from = inNext;
    int count = 0;
    for (int i = next; left > 0 && count < MOST; i++) {
      MemorySegment piece = pieces.get(i);
      long here = Math.min(piece.byteSize() - from, left);
      if (here > 0) {
        entries.set(ValueLayout.JAVA_LONG, ENTRY * count, piece.address() + from);
        entries.set(ValueLayout.JAVA_LONG, ENTRY * count + Long.BYTES, here);
        count++;
        left -= here;
      }
      from = 0;
    }
    return count;
  }

  /** What {@link #describe} has described. */
  MemorySegment entries() {
    return entries;
  }
}
