package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.device.Features;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * What can be chosen about a block device.
 *
 * @param serial what GET_ID answers: up to 20 printable ASCII characters
 * @param blockSize the block size offered, in bytes: a power of two from 512 to 65536
 * @param queues how many request queues, 1 to 16; more than one needs the feature MQ
 * @param queueSize descriptors of a queue: a power of two from 1 to 1024. A driver may choose
 *     smaller ones
 * @param shownFeatures features that are off by default and to be offered, as a mask: RING_PACKED,
 *     IN_ORDER, NOTIFICATION_DATA, SECURE_ERASE (if the backend can)
 * @param hiddenFeatures features not to be offered, as a mask; VERSION_1 cannot be hidden
 * @param sizeMax most bytes of one segment, 4096 to 2^31-1, which offers SIZE_MAX; 0 for no limit
 * @param topology hints about sizes
 * @param cache when writes become stable
 * @param limits how fast the disk may be
 */
public record BlkOptions(
    String serial,
    int blockSize,
    int queues,
    int queueSize,
    long shownFeatures,
    long hiddenFeatures,
    int sizeMax,
    BlkTopology topology,
    CacheMode cache,
    IoLimits limits) {
  /** Length of the answer to GET_ID in bytes (5.2.6). */
  public static final int ID_BYTES = 20;

  /** The most queues a device can have. */
  public static final int MAX_QUEUES = 16;

  /**
   * Serial "monoceros", blocks of 512 bytes, one queue of 256 descriptors, write-back, no limits.
   */
  public static final BlkOptions DEFAULT =
      new BlkOptions(
          "monoceros",
          512,
          1,
          256,
          0,
          0,
          0,
          BlkTopology.DEFAULT,
          CacheMode.WRITEBACK,
          IoLimits.NONE);

  private static final int MIN_BLOCK = 512;
  private static final int MAX_BLOCK = 1 << 16;
  private static final int LEAST_QUEUE_SIZE = 1;
  private static final int MOST_QUEUE_SIZE = 1024;
  private static final int LEAST_SIZE_MAX = 4096;

  /** Refuses values out of range with an {@link IllegalArgumentException}. */
  public BlkOptions {
    if (serial.length() > ID_BYTES || !serial.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          "a disk's serial has at most " + ID_BYTES + " printable ASCII characters");
    }
    if (!isPowerOfTwo(blockSize, MIN_BLOCK, MAX_BLOCK)) {
      throw new IllegalArgumentException(
          "a disk's block size is a power of two from " + MIN_BLOCK + " to " + MAX_BLOCK);
    }
    if (queues < 1 || queues > MAX_QUEUES) {
      throw new IllegalArgumentException("a disk has 1 to " + MAX_QUEUES + " queues");
    }
    if (!isPowerOfTwo(queueSize, LEAST_QUEUE_SIZE, MOST_QUEUE_SIZE)) {
      throw new IllegalArgumentException(
          "a disk's queue size is a power of two from "
              + LEAST_QUEUE_SIZE
              + " to "
              + MOST_QUEUE_SIZE);
    }
    if ((hiddenFeatures & Features.VERSION_1) != 0) {
      throw new IllegalArgumentException("VERSION_1 is always offered");
    }
    if (sizeMax != 0 && sizeMax < LEAST_SIZE_MAX) {
      throw new IllegalArgumentException("a disk's size-max is at least " + LEAST_SIZE_MAX);
    }
    topology.requireFit(blockSize);
  }

  /** These options with another serial. */
  public BlkOptions withSerial(String other) {
    return with(draft -> draft.serial = other);
  }

  /** These options with another block size. */
  public BlkOptions withBlockSize(int other) {
    return with(draft -> draft.blockSize = other);
  }

  /** These options with another number of queues. */
  public BlkOptions withQueues(int other) {
    return with(draft -> draft.queues = other);
  }

  /** These options with another queue size. */
  public BlkOptions withQueueSize(int other) {
    return with(draft -> draft.queueSize = other);
  }

  /** These options with other features shown that are off by default. */
  public BlkOptions withShownFeatures(long other) {
    return with(draft -> draft.shownFeatures = other);
  }

  /** These options with other features hidden. */
  public BlkOptions withHiddenFeatures(long other) {
    return with(draft -> draft.hiddenFeatures = other);
  }

  /** These options with another limit of segments in bytes, 0 for none. */
  public BlkOptions withSizeMax(int other) {
    return with(draft -> draft.sizeMax = other);
  }

  /** These options with another topology. */
  public BlkOptions withTopology(BlkTopology other) {
    return with(draft -> draft.topology = other);
  }

  /** These options with another cache mode. */
  public BlkOptions withCache(CacheMode other) {
    return with(draft -> draft.cache = other);
  }

  /** These options with other I/O limits. */
  public BlkOptions withLimits(IoLimits other) {
    return with(draft -> draft.limits = other);
  }

  private BlkOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.finish();
  }

  /** The components while one of them is changed. */
  private static final class Draft {
    private String serial;
    private int blockSize;
    private int queues;
    private int queueSize;
    private long shownFeatures;
    private long hiddenFeatures;
    private int sizeMax;
    private BlkTopology topology;
    private CacheMode cache;
    private IoLimits limits;

    Draft(BlkOptions from) {
      serial = from.serial;
      blockSize = from.blockSize;
      queues = from.queues;
      queueSize = from.queueSize;
      shownFeatures = from.shownFeatures;
      hiddenFeatures = from.hiddenFeatures;
      sizeMax = from.sizeMax;
      topology = from.topology;
      cache = from.cache;
      limits = from.limits;
    }

    BlkOptions finish() {
      return new BlkOptions(
          serial,
          blockSize,
          queues,
          queueSize,
          shownFeatures,
          hiddenFeatures,
          sizeMax,
          topology,
          cache,
          limits);
    }
  }

  /** Most data segments in a request: a chain also has a header and a status. */
  int maxSegments() {
    return Math.max(1, queueSize - 2);
  }

  byte[] idBytes() {
    byte[] id = new byte[ID_BYTES];
    byte[] text = serial.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, id, 0, text.length);
    return id;
  }

  private static boolean isPowerOfTwo(int value, int least, int most) {
    return value >= least && value <= most && Integer.bitCount(value) == 1;
  }
}
