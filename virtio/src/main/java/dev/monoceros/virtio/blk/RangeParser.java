package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.blk.BlkRequest.Kind;
import dev.monoceros.virtio.queue.DescriptorChain;

/**
 * The data of a discard, secure-erase or write-zeroes request (5.2.6):
 *
 * <pre>{@code
 * struct virtio_blk_discard_write_zeroes {
 *   le64 sector; le32 num_sectors; struct { le32 unmap:1; le32 reserved:31; } flags;
 * };
 * }</pre>
 *
 * <p>All segments are checked before the first is carried out.
 */
final class RangeParser {
  private static final int SEGMENT_BYTES = 16;
  private static final int NUM_SECTORS = 8;
  private static final int FLAGS = 12;
  private static final int FLAG_UNMAP = 1;

  private final BlockBackend backend;

  RangeParser(BlockBackend backend) {
    this.backend = backend;
  }

  /** {@code start} is where the segments begin among the {@code chain}'s readable bytes. */
  void parse(DescriptorChain chain, int start, BlkRequest request, Kind kind, RangeLimits limits) {
    long bytes = chain.readableBytes() - start;
    if (backend.readOnly()) {
      request.refuse(RequestFault.READ_ONLY);
    } else if (bytes <= 0 || bytes % SEGMENT_BYTES != 0) {
      request.refuse(RequestFault.BAD_RANGE_LENGTH);
    } else if (bytes / SEGMENT_BYTES > limits.maxSegments()) {
      request.refuse(RequestFault.TOO_MANY_SEGMENTS);
    } else if (hasUnknownFlag(chain, start, kind)) {
      // 5.2.6.2: UNSUPP for an unknown flag, and for UNMAP in anything but write zeroes.
      request.setKind(Kind.UNSUPPORTED);
    } else {
      parseSegments(chain, start, request, kind, limits);
    }
  }

  private static boolean hasUnknownFlag(DescriptorChain chain, int start, Kind kind) {
    long known = kind == Kind.WRITE_ZEROES ? FLAG_UNMAP : 0;
    for (long at = start; at < chain.readableBytes(); at += SEGMENT_BYTES) {
      if ((chain.readable(at + FLAGS, Integer.BYTES) & ~known) != 0) {
        return true;
      }
    }
    return false;
  }

  private void parseSegments(
      DescriptorChain chain, int start, BlkRequest request, Kind kind, RangeLimits limits) {
    long capacity = backend.capacitySectors();
    request.setKind(kind);
    for (long at = start; at < chain.readableBytes(); at += SEGMENT_BYTES) {
      long sector = chain.readable(at, Long.BYTES);
      long sectors = chain.readable(at + NUM_SECTORS, Integer.BYTES);
      if (sectors > limits.maxSectors()) {
        request.refuse(RequestFault.RANGE_TOO_LONG);
        return;
      }
      if (!RequestParser.isInside(sector, sectors, capacity)) {
        request.refuse(RequestFault.OUT_OF_RANGE);
        return;
      }
      boolean unmap = (chain.readable(at + FLAGS, Integer.BYTES) & FLAG_UNMAP) != 0;
      // At most 2^54 sectors: the products fit.
      request
          .ranges()
          .add(sector * BlockBackend.SECTOR_SIZE, sectors * BlockBackend.SECTOR_SIZE, unmap);
    }
  }
}
