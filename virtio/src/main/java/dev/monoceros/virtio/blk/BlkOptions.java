package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.device.Features;
import java.nio.charset.StandardCharsets;

/**
 * What can be chosen about a block device.
 *
 * @param serial what GET_ID answers: up to 20 printable ASCII characters
 * @param blockSize the block size offered, in bytes: a power of two from 512 to 65536
 * @param queueSize descriptors of a queue: a power of two from 2 to 1024
 * @param hiddenFeatures features not to be offered, as a mask; VERSION_1 cannot be hidden
 */
public record BlkOptions(String serial, int blockSize, int queueSize, long hiddenFeatures) {
  /** Length of the answer to GET_ID in bytes (5.2.6). */
  public static final int ID_BYTES = 20;

  /** Serial "monoceros", blocks of 512 bytes, queues of 256 descriptors, all features. */
  public static final BlkOptions DEFAULT = new BlkOptions("monoceros", 512, 256, 0);

  private static final int MIN_BLOCK = 512;
  private static final int MAX_BLOCK = 1 << 16;
  private static final int MIN_QUEUE = 2;
  private static final int MAX_QUEUE = 1024;

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
    if (!isPowerOfTwo(queueSize, MIN_QUEUE, MAX_QUEUE)) {
      throw new IllegalArgumentException(
          "a disk's queue size is a power of two from " + MIN_QUEUE + " to " + MAX_QUEUE);
    }
    if ((hiddenFeatures & Features.VERSION_1) != 0) {
      throw new IllegalArgumentException("VERSION_1 is always offered");
    }
  }

  /** These options with another serial. */
  public BlkOptions withSerial(String other) {
    return new BlkOptions(other, blockSize, queueSize, hiddenFeatures);
  }

  /** These options with another block size. */
  public BlkOptions withBlockSize(int other) {
    return new BlkOptions(serial, other, queueSize, hiddenFeatures);
  }

  /** These options with another queue size. */
  public BlkOptions withQueueSize(int other) {
    return new BlkOptions(serial, blockSize, other, hiddenFeatures);
  }

  /** These options with other features hidden. */
  public BlkOptions withHiddenFeatures(long other) {
    return new BlkOptions(serial, blockSize, queueSize, other);
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
