package dev.monoceros.qcow.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Streams as other people made or spoilt them. */
class DecompressorTest {
  private static final int CLUSTER = 16384;
  private static final int GUARD = 64;
  private static final byte MARK = 0x5a;

  private static ClusterDecompressor decompressor(boolean zstd) {
    return zstd ? ClusterDecompressor.zstd() : ClusterDecompressor.deflate();
  }

  private static byte[] packed(boolean zstd, byte[] plain) {
    try (ClusterCompressor compressor =
        zstd ? ClusterCompressor.zstd() : ClusterCompressor.deflate()) {
      byte[] out = new byte[plain.length];
      return Arrays.copyOf(out, compressor.compress(plain, out));
    }
  }

  /** Unpacks between guards; null if the stream is refused. */
  private static byte[] unpack(ClusterDecompressor decompressor, byte[] stream) {
    ByteBuffer source = ByteBuffer.allocateDirect(stream.length).put(stream).flip();
    ByteBuffer room = ByteBuffer.allocateDirect(CLUSTER + 2 * GUARD);
    for (int i = 0; i < room.capacity(); i++) {
      room.put(i, MARK);
    }
    ByteBuffer target = room.slice(GUARD, CLUSTER);
    boolean whole = decompressor.decompress(source, target);
    for (int i = 0; i < GUARD; i++) {
      assertThat(room.get(i)).isEqualTo(MARK);
      assertThat(room.get(GUARD + CLUSTER + i)).isEqualTo(MARK);
    }
    byte[] plain = new byte[CLUSTER];
    target.get(0, plain);
    return whole ? plain : null;
  }

  @Property(tries = 300)
  void aSpoiltStreamIsRefusedOrFillsTheClusterAndNothingElse(
      @ForAll boolean zstd, @ForAll @IntRange(min = 1, max = 7) int kind, @ForAll long seed) {
    byte[] plain = DeflateTest.data(kind, CLUSTER, seed);
    byte[] good = packed(zstd, plain);
    SplittableRandom random = new SplittableRandom(seed);
    try (ClusterDecompressor decompressor = decompressor(zstd)) {
      for (int i = 0; i < 10; i++) {
        byte[] bad = Arrays.copyOf(good, good.length + random.nextInt(700));
        for (int flips = random.nextInt(5); flips >= 0; flips--) {
          bad[random.nextInt(good.length)] ^= (byte) (1 << random.nextInt(8));
        }
        unpack(decompressor, bad);
        unpack(decompressor, Arrays.copyOf(good, random.nextInt(good.length)));
        // And it is good for the next stream all the same.
        assertThat(unpack(decompressor, good)).isEqualTo(plain);
      }
    }
  }

  @Property(tries = 20)
  void whatFollowsTheStreamInItsLastSectorDoesNotMatter(
      @ForAll boolean zstd, @ForAll @IntRange(max = 1000) int more, @ForAll long seed) {
    byte[] plain = DeflateTest.data(4, CLUSTER, seed);
    byte[] good = packed(zstd, plain);
    byte[] longer = Arrays.copyOf(good, good.length + more);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = good.length; i < longer.length; i++) {
      longer[i] = (byte) random.nextInt();
    }
    try (ClusterDecompressor decompressor = decompressor(zstd)) {
      assertThat(unpack(decompressor, longer)).isEqualTo(plain);
    }
  }

  @Example
  void aDeflateStreamThatGoesOnForeverFillsTheClusterOnly() {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(new byte[64 << 20]);
    deflater.finish();
    byte[] bomb = new byte[100_000];
    int length = deflater.deflate(bomb);
    deflater.end();
    try (ClusterDecompressor decompressor = ClusterDecompressor.deflate()) {
      assertThat(unpack(decompressor, Arrays.copyOf(bomb, length))).isEqualTo(new byte[CLUSTER]);
    }
  }

  @Example
  void aZstdFrameThatHoldsMoreOrLessThanAClusterIsRefused() {
    try (ZstdCompressCtx context = new ZstdCompressCtx();
        ClusterDecompressor decompressor = ClusterDecompressor.zstd()) {
      for (int length : new int[] {0, CLUSTER - 1, CLUSTER + 1, 64 << 20}) {
        assertThat(unpack(decompressor, context.compress(new byte[length]))).isNull();
      }
      assertThat(unpack(decompressor, context.compress(new byte[CLUSTER]))).isNotNull();
    }
  }

  /** RFC 8878, 3.1.1.1.2: the window descriptor can claim 3.75 TiB. */
  @Example
  void aZstdFrameThatClaimsAGiantWindowTakesNoMemoryForIt() {
    byte[] frame = {
      0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) 0xff, 0x03, 0x00, 0x02, 0, 0, 0, 0, 0
    };
    try (ClusterDecompressor decompressor = ClusterDecompressor.zstd()) {
      assertThat(unpack(decompressor, frame)).isNull();
    }
  }
}
