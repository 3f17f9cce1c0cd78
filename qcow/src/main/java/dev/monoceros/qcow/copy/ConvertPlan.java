package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import java.util.Optional;

/** Cuts the source into chunks, each of one kind; asks how the source is stored, reads nothing. */
final class ConvertPlan {
  /** What is to be done with a chunk. */
  enum Kind {
    DATA,
    ZERO,
    /** The target's backing file shows the right bytes. */
    LEAVE
  }

  /** A stretch of the target. */
  record Chunk(long offset, int length, long skip, Kind kind) {
    /** First byte after it. */
    long end() {
      return offset + skip;
    }
  }

  /** Largest chunk of zeros, so that lengths stay far from overflow. */
  private static final long MAX_CHUNK = 1L << 30;

  private final Concatenation source;
  private final ConvertOptions options;
  private final Concatenation.Salvager salvager;
  private final int bufferSize;
  private final int clusterSize;
  private long next;
  private long kindEnd;
  private Kind kind = Kind.DATA;

  /**
   * @param bufferSize most that is read at once
   * @param clusterSize of a compressed target, which takes whole clusters only; else 0
   */
  ConvertPlan(
      Concatenation source,
      ConvertOptions options,
      Concatenation.Salvager salvager,
      int bufferSize,
      int clusterSize) {
    this.source = source;
    this.options = options;
    this.salvager = salvager;
    this.bufferSize = bufferSize;
    this.clusterSize = clusterSize;
  }

  boolean done() {
    return next >= source.length();
  }

  /** The chunk that follows the last one; bytes that are read or written count in its length. */
  Chunk next() throws CopyException {
    long offset = next;
    if (kindEnd <= offset) {
      look(offset);
    }
    Kind now = kind;
    long length = kindEnd - offset;
    if (now == Kind.DATA || (now == Kind.ZERO && options.minSparse() == 0)) {
      length = Math.min(length, bufferSize);
    }
    if (clusterSize > 0) {
      if (length < clusterSize) {
        // A compressed cluster is written whole or not at all.
        length = Math.min(clusterSize, source.length() - offset);
        now = Kind.DATA;
      } else {
        length -= length % clusterSize;
      }
    }
    next = offset + length;
    boolean moved = now == Kind.DATA || (now == Kind.ZERO && options.minSparse() == 0);
    return new Chunk(offset, moved ? (int) length : 0, length, now);
  }

  private void look(long offset) throws CopyException {
    int index = source.partAt(offset);
    SectorDisk part = source.part(index);
    long in = offset - source.start(index);
    long wanted = Math.min(MAX_CHUNK, part.length() - in);
    boolean beyondBacking = false;
    long backing = options.targetBackingSize();
    if (options.targetHasBacking() && backing != ConvertOptions.UNKNOWN) {
      beyondBacking = offset >= backing;
      if (!beyondBacking) {
        wanted = Math.min(wanted, backing - offset);
      }
    }
    boolean alone = options.targetHasBacking() && part.image().backing().isPresent();
    Extent run = status(index, in, wanted, alone);
    long length = SectorDisk.roundUp(run.length());
    // An end within a cluster would make the source read that cluster twice.
    long tail = (in + length) % part.image().clusterSize();
    if (length > tail && in + length < part.length()) {
      length -= tail;
    }
    kind = kindOf(run, alone, beyondBacking);
    kindEnd = offset + length;
  }

  private Extent status(int index, long in, long wanted, boolean alone) throws CopyException {
    long length = wanted;
    while (true) {
      try {
        return source.part(index).run(in, length, !alone);
      } catch (ImageException e) {
        CopyException failure = new CopyException(CopyException.Step.STATUS, index, in, e);
        if (!options.salvage()) {
          throw failure;
        }
        if (length <= SectorDisk.SECTOR) {
          salvager.lost(failure);
          return data(in);
        }
        length = SectorDisk.roundUp(length / 4);
      }
    }
  }

  /** A sector that nobody knows anything about is read. */
  private static Extent data(long in) {
    return new Extent(
        in, SectorDisk.SECTOR, 0, true, true, false, false, Extent.NO_OFFSET, Optional.empty());
  }

  private static Kind kindOf(Extent run, boolean alone, boolean beyondBacking) {
    if (alone && !run.allocated()) {
      return Kind.LEAVE;
    }
    if (alone ? run.zero() : SectorDisk.readsAsZero(run)) {
      return beyondBacking ? Kind.LEAVE : Kind.ZERO;
    }
    return Kind.DATA;
  }
}
