package dev.monoceros.machine.virtio;

import dev.monoceros.virtio.rng.RngBackend;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The random bytes of a run's seed: SHA-256 in counter mode. Block n of 32 bytes, from 0 on, is the
 * digest of the ASCII text {@code monoceros virtio-rng}, the seed and n, both as 8 bytes big
 * endian. The same seed gives the same bytes everywhere and for ever; they are no secret.
 */
public final class RandomStream implements RngBackend {
  private static final byte[] DOMAIN = "monoceros virtio-rng".getBytes(StandardCharsets.US_ASCII);

  private final long seed;
  private final MessageDigest sha256;
  private byte[] block = new byte[0];
  private int position;
  private long blocks;

  /** The stream of a seed, from its beginning. */
  public RandomStream(long seed) {
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

  private void refill() {
    sha256.update(DOMAIN);
    sha256.update(ByteBuffer.allocate(2 * Long.BYTES).putLong(seed).putLong(blocks++).flip());
    block = sha256.digest();
    position = 0;
  }
}
