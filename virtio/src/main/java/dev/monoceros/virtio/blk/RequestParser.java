package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.blk.BlkRequest.Kind;
import dev.monoceros.virtio.device.Features;
import dev.monoceros.virtio.queue.DescriptorChain;

/**
 * Turns a descriptor chain into a request (5.2.6):
 *
 * <pre>{@code
 * struct virtio_blk_req { le32 type; le32 reserved; le64 sector; u8 data[]; u8 status; };
 * }</pre>
 *
 * <p>By position, not by descriptor: the header is the first 16 device-readable bytes, the status
 * is the last device-writable byte, the data is what lies between, wherever the driver cut.
 */
final class RequestParser {
  private static final int TYPE = 0;
  private static final int SECTOR = 8;
  private static final int HEADER_BYTES = 16;
  private static final int STATUS_BYTES = 1;

  private static final int T_IN = 0;
  private static final int T_OUT = 1;
  private static final int T_FLUSH = 4;
  private static final int T_GET_ID = 8;
  private static final int T_DISCARD = 11;
  private static final int T_WRITE_ZEROES = 13;
  private static final int T_SECURE_ERASE = 14;

  private final BlockBackend backend;
  private final RangeParser ranges;
  private final long features;
  private final int maxSegments;
  private final long maxSegmentBytes;

  /** A parser for what was negotiated: limits and kinds of request that were not do not exist. */
  RequestParser(BlockBackend backend, BlkOptions options, long features) {
    this.backend = backend;
    this.ranges = new RangeParser(backend);
    this.features = features;
    this.maxSegments = has(BlkFeatures.SEG_MAX) ? options.maxSegments() : Integer.MAX_VALUE;
    this.maxSegmentBytes = has(BlkFeatures.SIZE_MAX) ? options.sizeMax() : Long.MAX_VALUE;
  }

  private boolean has(long feature) {
    return Features.has(features, feature);
  }

  void parse(DescriptorChain chain, BlkRequest request) {
    request.begin(chain);
    if (!chain.isSound()) {
      request.refuse(RequestFault.BAD_CHAIN);
    } else if (chain.writableBytes() < STATUS_BYTES) {
      request.refuse(RequestFault.NO_STATUS_BYTE);
    } else if (chain.readableBytes() < HEADER_BYTES) {
      request.refuse(RequestFault.SHORT_HEADER);
    } else {
      parseBody(chain, request);
    }
  }

  private void parseBody(DescriptorChain chain, BlkRequest request) {
    long out = chain.readableBytes() - HEADER_BYTES;
    long in = chain.writableBytes() - STATUS_BYTES;
    switch ((int) chain.readable(TYPE, Integer.BYTES)) {
      case T_IN -> {
        int pieces = chain.addWritable(0, in, request.data());
        parseTransfer(chain, request, Kind.READ, out, pieces);
      }
      case T_OUT -> {
        int pieces = chain.addReadable(HEADER_BYTES, out, request.data());
        parseTransfer(chain, request, Kind.WRITE, in, pieces);
      }
      case T_FLUSH -> request.setKind(Kind.FLUSH);
      case T_GET_ID -> {
        if (in == BlkOptions.ID_BYTES) {
          chain.addWritable(0, in, request.data());
          request.setKind(Kind.GET_ID);
        } else {
          request.refuse(RequestFault.BAD_ID_LENGTH);
        }
      }
      case T_DISCARD -> parseRanges(chain, request, Kind.DISCARD, RangeLimits.DISCARD);
      case T_WRITE_ZEROES ->
          parseRanges(chain, request, Kind.WRITE_ZEROES, RangeLimits.WRITE_ZEROES);
      case T_SECURE_ERASE ->
          parseRanges(chain, request, Kind.SECURE_ERASE, RangeLimits.SECURE_ERASE);
      default -> request.setKind(Kind.UNSUPPORTED);
    }
  }

  private void parseRanges(
      DescriptorChain chain, BlkRequest request, Kind kind, RangeLimits limits) {
    if (!has(limits.feature())) {
      request.setKind(Kind.UNSUPPORTED);
    } else if (chain.writableBytes() != STATUS_BYTES) {
      request.refuse(RequestFault.WRONG_DIRECTION);
    } else {
      ranges.parse(chain, HEADER_BYTES, request, kind, limits);
    }
  }

  /** {@code strayBytes} are data bytes of the direction that this kind does not use. */
  private void parseTransfer(
      DescriptorChain chain, BlkRequest request, Kind kind, long strayBytes, int pieces) {
    long bytes = request.data().byteSize();
    long sector = chain.readable(SECTOR, Long.BYTES);
    RequestFault fault = null;
    if (strayBytes != 0) {
      fault = RequestFault.WRONG_DIRECTION;
    } else if (kind == Kind.WRITE && backend.readOnly()) {
      fault = RequestFault.READ_ONLY;
    } else if (bytes % BlockBackend.SECTOR_SIZE != 0) {
      fault = RequestFault.PARTIAL_SECTOR;
    } else if (pieces > maxSegments) {
      fault = RequestFault.TOO_MANY_SEGMENTS;
    } else if (hasLongSegment(chain, kind)) {
      fault = RequestFault.SEGMENT_TOO_LONG;
    } else if (!isInside(sector, bytes / BlockBackend.SECTOR_SIZE, backend.capacitySectors())) {
      fault = RequestFault.OUT_OF_RANGE;
    }
    if (fault != null) {
      request.refuse(fault);
    } else {
      request.setKind(kind);
      // At most 2^54 sectors: the product fits.
      request.setOffset(sector * BlockBackend.SECTOR_SIZE);
    }
  }

  /** Whether the part of one of the driver's buffers that holds data is longer than size_max. */
  private boolean hasLongSegment(DescriptorChain chain, Kind kind) {
    if (maxSegmentBytes == Long.MAX_VALUE) {
      return false;
    }
    return kind == Kind.READ
        ? chain.longestWritable(0, chain.writableBytes() - STATUS_BYTES) > maxSegmentBytes
        : chain.longestReadable(HEADER_BYTES, chain.readableBytes() - HEADER_BYTES)
            > maxSegmentBytes;
  }

  /** {@code sector} is unsigned: from 2^63 on it is negative here, and outside every disk. */
  static boolean isInside(long sector, long sectors, long capacity) {
    return sector >= 0 && sectors <= capacity && sector <= capacity - sectors;
  }
}
