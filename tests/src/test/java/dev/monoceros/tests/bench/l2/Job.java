package dev.monoceros.tests.bench.l2;

import java.util.SplittableRandom;

/**
 * A group of the table: half reads, half writes, one after the other (as fio's {@code sync}).
 *
 * @param name in the table
 * @param blockSize bytes of a request
 * @param requests in a round
 * @param shape where they go
 * @param flushEvery so many requests
 */
record Job(String name, int blockSize, int requests, Shape shape, int flushEvery) {
  /** Where requests go. */
  enum Shape {
    /** Eight streams, each sequential in its own region, in turn. */
    STREAMS,
    /** Half of the requests as {@link #STREAMS}, half as {@link #WINDOW}. */
    MIXED,
    /** Anywhere. */
    RANDOM,
    /** Anywhere in a window of eight L2 tables that moves on after each 1,000 requests. */
    WINDOW
  }

  private static final int STREAMS = 8;
  private static final int WINDOW_REQUESTS = 1_000;
  private static final long TABLE_COVER = 512L << 20;
  private static final long WINDOW_BYTES = 8 * TABLE_COVER;

  /** The offsets of a round; the same for every disk of that size. */
  long[] offsets(long diskSize) {
    SplittableRandom random = new SplittableRandom(blockSize);
    long[] offsets = new long[requests];
    long blocks = diskSize / blockSize;
    for (int i = 0; i < requests; i++) {
      offsets[i] =
          switch (shape) {
            case RANDOM -> random.nextLong(blocks) * blockSize;
            case STREAMS -> stream(i, diskSize);
            case WINDOW -> window(i, diskSize, random);
            case MIXED -> (i & 1) == 0 ? stream(i >> 1, diskSize) : window(i, diskSize, random);
          };
    }
    return offsets;
  }

  private long stream(int request, long diskSize) {
    return request % STREAMS * (diskSize / STREAMS) + (long) (request / STREAMS) * blockSize;
  }

  private long window(int request, long diskSize, SplittableRandom random) {
    long start = request / WINDOW_REQUESTS * WINDOW_BYTES % (diskSize - WINDOW_BYTES);
    return start + random.nextLong(WINDOW_BYTES / blockSize) * blockSize;
  }
}
