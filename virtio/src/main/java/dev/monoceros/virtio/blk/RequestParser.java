package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.blk.BlkRequest.Kind;
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

  private final BlockBackend backend;
  private final int maxSegments;

  /** {@code maxSegments} is the seg_max negotiated; {@link Integer#MAX_VALUE} if it was not. */
  RequestParser(BlockBackend backend, int maxSegments) {
    this.backend = backend;
    this.maxSegments = maxSegments;
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
      default -> request.setKind(Kind.UNSUPPORTED);
    }
  }

  /** {@code strayBytes} are data bytes of the direction that this kind does not use. */
  private void parseTransfer(
      DescriptorChain chain, BlkRequest request, Kind kind, long strayBytes, int pieces) {
    long bytes = request.data().byteSize();
    long sector = chain.readable(SECTOR, Long.BYTES);
    if (strayBytes != 0) {
      request.refuse(RequestFault.WRONG_DIRECTION);
    } else if (kind == Kind.WRITE && backend.readOnly()) {
      request.refuse(RequestFault.READ_ONLY);
    } else if (bytes % BlockBackend.SECTOR_SIZE != 0) {
      request.refuse(RequestFault.PARTIAL_SECTOR);
    } else if (pieces > maxSegments) {
      request.refuse(RequestFault.TOO_MANY_SEGMENTS);
    } else if (!isInside(sector, bytes / BlockBackend.SECTOR_SIZE, backend.capacitySectors())) {
      request.refuse(RequestFault.OUT_OF_RANGE);
    } else {
      request.setKind(kind);
      // At most 2^54 sectors: the product fits.
      request.setOffset(sector * BlockBackend.SECTOR_SIZE);
    }
  }

  /** {@code sector} is unsigned: from 2^63 on it is negative here, and outside every disk. */
  private static boolean isInside(long sector, long sectors, long capacity) {
    return sector >= 0 && sectors <= capacity && sector <= capacity - sectors;
  }
}
