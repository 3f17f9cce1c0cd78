package dev.monoceros.virtio.blk;

/**
 * Spreads requests in virtual time so that no limit is exceeded. Each limit keeps the time at which
 * the next request may start; a request starts when all limits that concern it let it, and moves
 * each on by what it uses.
 */
final class IoPacer {
  private static final long SECOND = 1_000_000_000L;

  private final IoLimits limits;
  private final boolean idle;
  private long opsFree;
  private long readOpsFree;
  private long writeOpsFree;
  private long bytesFree;
  private long readBytesFree;
  private long writeBytesFree;

  IoPacer(IoLimits limits) {
    this.limits = limits;
    this.idle = limits.equals(IoLimits.NONE);
  }

  /** When a request that comes at {@code now} starts, ns of virtual time. */
  long start(BlkRequest request, long now) {
    if (idle) {
      return now;
    }
    return switch (request.kind()) {
      case READ -> startRead(request.data().byteSize(), now);
      case WRITE -> startWrite(request.data().byteSize(), now);
      case WRITE_ZEROES -> startWrite(request.ranges().byteSize(), now);
      default -> now;
    };
  }

  private long startRead(long bytes, long now) {
    long start = max(now, opsFree, bytesFree, readOpsFree, readBytesFree);
    total(bytes, start);
    readOpsFree = start + cost(1, limits.iopsRead());
    readBytesFree = start + cost(bytes, limits.bpsRead());
    return start;
  }

  private long startWrite(long bytes, long now) {
    long start = max(now, opsFree, bytesFree, writeOpsFree, writeBytesFree);
    total(bytes, start);
    writeOpsFree = start + cost(1, limits.iopsWrite());
    writeBytesFree = start + cost(bytes, limits.bpsWrite());
    return start;
  }

  private void total(long bytes, long start) {
    opsFree = start + cost(1, limits.iopsTotal());
    bytesFree = start + cost(bytes, limits.bpsTotal());
  }

  /** Time that {@code units} take at {@code rate} a second, rounded up; 0 without a limit. */
  private static long cost(long units, long rate) {
    if (rate == 0) {
      return 0;
    }
    // Less than 2^32 units: the product with 10^9 fits 62 bits.
    return Math.ceilDiv(units * SECOND, rate);
  }

  private static long max(long now, long a, long b, long c, long d) {
    return Math.max(now, Math.max(Math.max(a, b), Math.max(c, d)));
  }

  void reset() {
    opsFree = 0;
    readOpsFree = 0;
    writeOpsFree = 0;
    bytesFree = 0;
    readBytesFree = 0;
    writeBytesFree = 0;
  }
}
