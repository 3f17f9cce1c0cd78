package dev.monoceros.virtio.blk;

/**
 * How long a request takes in virtual time: a base by kind plus a time per 4 KiB moved. It depends
 * on the request alone, never on the host, so runs repeat; requests overlap freely, so a small one
 * may overtake a large one as on a real disk.
 *
 * @param readNanos base of a read, ns
 * @param writeNanos base of a write, ns
 * @param flushNanos base of a flush, ns
 * @param otherNanos every other request, refused ones too, ns
 * @param nanosPer4KiB time for each 4096 bytes of data, ns, in proportion and rounded up
 */
public record LatencyModel(
    long readNanos, long writeNanos, long flushNanos, long otherNanos, long nanosPer4KiB) {
  /**
   * A fast solid-state disk: 10 us for a read or write, 50 us for a flush, 5 us for anything else,
   * and 1 ns per 4 bytes (4 GB/s). A 4 KiB read takes 11,024 ns.
   */
  public static final LatencyModel DEFAULT = new LatencyModel(10_000, 10_000, 50_000, 5_000, 1_024);

  /** Everything completes at the virtual time at which it was asked for. */
  public static final LatencyModel ZERO = new LatencyModel(0, 0, 0, 0, 0);

  private static final long UNIT = 4096;
  private static final long MAX_NANOS = 1_000_000_000L;

  /** Refuses values outside 0 to 1 s with an {@link IllegalArgumentException}. */
  public LatencyModel {
    long least =
        Math.min(
            Math.min(readNanos, writeNanos),
            Math.min(flushNanos, Math.min(otherNanos, nanosPer4KiB)));
    long most =
        Math.max(
            Math.max(readNanos, writeNanos),
            Math.max(flushNanos, Math.max(otherNanos, nanosPer4KiB)));
    if (least < 0 || most > MAX_NANOS) {
      throw new IllegalArgumentException("a latency is from 0 to " + MAX_NANOS + " ns");
    }
  }

  /** Virtual time from submission to completion in ns. */
  public long nanos(BlkRequest request) {
    long base =
        switch (request.kind()) {
          case READ -> readNanos;
          case WRITE, WRITE_ZEROES, SECURE_ERASE -> writeNanos;
          case FLUSH -> flushNanos;
          case GET_ID, DISCARD, UNSUPPORTED, INVALID -> otherNanos;
        };
    // Less than 2^32 bytes times at most 2^30 ns: the product fits.
    return base + Math.ceilDiv(request.data().byteSize() * nanosPer4KiB, UNIT);
  }
}
