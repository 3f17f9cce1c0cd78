package dev.monoceros.qcow.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Refcount widths 1 to 64, against the specification's words read as one big number. */
class RefcountCodecTest {
  private static final int BLOCK = 512;

  @Property(tries = 300)
  void setChangesOneEntryOnly(@ForAll @IntRange(min = 0, max = 6) int order, @ForAll long seed) {
    RefcountCodec codec = new RefcountCodec(order);
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    random.nextBytes(block.array());
    int entries = (BLOCK * 8) >>> order;
    long[] expected = new long[entries];
    for (int i = 0; i < entries; i++) {
      expected[i] = codec.get(block, i);
    }
    long mask = order == 6 ? -1 : (1L << (1 << order)) - 1;
    for (int n = 0; n < 20; n++) {
      int index = random.nextInt(entries);
      byte[] before = block.array().clone();
      expected[index] = random.nextLong() & mask;
      codec.set(block, index, expected[index]);
      for (int at = 0; at < BLOCK; at++) {
        if (at < codec.byteOf(index) || at >= codec.byteOf(index) + codec.width()) {
          assertThat(block.get(at)).isEqualTo(before[at]);
        }
      }
    }
    for (int i = 0; i < entries; i++) {
      assertThat(codec.get(block, i)).isEqualTo(expected[i]);
    }
  }

  @Property(tries = 300)
  void theUsedAreCounted(
      @ForAll @IntRange(min = 0, max = 6) int order,
      @ForAll @IntRange(max = BLOCK * 8) int most,
      @ForAll long seed) {
    RefcountCodec codec = new RefcountCodec(order);
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    for (int i = 0; i < BLOCK / 4; i++) {
      // Some fields are 0, some have one bit only, some the highest.
      block.put(random.nextInt(BLOCK), (byte) (1 << random.nextInt(8)));
    }
    int count = Math.min(most, (BLOCK * 8) >>> order);
    int expected = 0;
    for (int i = 0; i < count; i++) {
      expected += codec.get(block, i) != 0 ? 1 : 0;
    }

    assertThat(codec.countUsed(block, count)).isEqualTo(expected);
  }

  /** From a byte on, entries are big-endian numbers one after the other. */
  @Property(tries = 100)
  void wideEntriesAreBigEndian(@ForAll @IntRange(min = 3, max = 6) int order, @ForAll long seed) {
    byte[] bytes = new byte[BLOCK];
    new SplittableRandom(seed).nextBytes(bytes);
    int width = (1 << order) / 8;
    RefcountCodec codec = new RefcountCodec(order);
    for (int i = 0; i < BLOCK / width; i++) {
      BigInteger expected =
          new BigInteger(1, Arrays.copyOfRange(bytes, i * width, (i + 1) * width));
      assertThat(codec.get(ByteBuffer.wrap(bytes), i)).isEqualTo(expected.longValue());
    }
  }

  /**
   * "If refcount_bits implies a sub-byte width, note that bit 0 means the least significant bit".
   */
  @Test
  void narrowEntriesStartAtTheLeastSignificantBit() {
    ByteBuffer block = ByteBuffer.wrap(new byte[] {(byte) 0b1110_0100, 1});
    RefcountCodec two = new RefcountCodec(1);
    assertThat(
            new long[] {
              two.get(block, 0),
              two.get(block, 1),
              two.get(block, 2),
              two.get(block, 3),
              two.get(block, 4)
            })
        .containsExactly(0, 1, 2, 3, 1);
    RefcountCodec one = new RefcountCodec(0);
    assertThat(one.get(block, 2)).isEqualTo(1);
    assertThat(one.get(block, 0)).isZero();
    assertThat(new RefcountCodec(2).get(block, 0)).isEqualTo(4);
  }
}
