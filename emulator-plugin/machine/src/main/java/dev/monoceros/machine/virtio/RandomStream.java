package dev.monoceros.machine.virtio;

import dev.monoceros.virtio.rng.RngBackend;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The random bytes of a run's seed: SHA-256 in counter mode. Block n of 32 bytes, from 0 on, is the
 * digest of the consumer's name as ASCII text ({@code monoceros virtio-rng}), the seed and n, both
 * as 8 bytes big endian. The same seed gives the same bytes everywhere and for ever; they are no
 * secret.
 */
public final class RandomStream implements RngBackend {
  private final byte[] consumer;
  private final long seed;
  private final MessageDigest sha256;
  private byte[] block = new byte[0];
  private int position;
  private long blocks;

  /** The entropy device's stream of a seed, from its beginning. */
  public RandomStream(long seed) {
    this("monoceros virtio-rng", seed);
  }

  /** A consumer's stream of a seed, from its beginning. */
  public RandomStream(String consumer, long seed) {
    this.consumer = consumer.getBytes(StandardCharsets.US_ASCII);
    this.seed = seed;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void fill(MemorySegment target) {
    long at = 0;
    while (at < target.byteSize()) {
      if (position == block.length) {
        refill();
      }
      int here = (int) Math.min(block.length - position, target.byteSize() - at);
      MemorySegment.copy(MemorySegment.ofArray(block), position, target, at, here);
      position += here;
      at += here;
    }
  }

  /** The next 8 bytes, the first one lowest. */
  public long nextLong() {
    byte[] bytes = new byte[Long.BYTES];
    fill(MemorySegment.ofArray(bytes));
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private void refill() {
    sha256.update(consumer);
    sha256.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(seed).putLong(blocks++).flip());
    block = sha256.digest();
    position = 0;
  }
}
