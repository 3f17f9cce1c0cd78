package dev.monoceros.qcow.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Our deflate against zlib's inflate and, in size, against zlib's deflate. */
class DeflateTest {
  private static final int KINDS = 8;

  /** Bytes whose statistics differ widely: that is what Huffman codes and matches depend on. */
  static byte[] data(int kind, int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] data = new byte[length];
    for (int i = 0; i < length; i++) {
      data[i] =
          switch (kind) {
            case 0 -> (byte) random.nextInt();
            case 1 -> 0;
            case 2 -> (byte) random.nextInt(4);
            // Fibonacci-like frequencies make the longest codes.
            case 3 -> (byte) Long.numberOfTrailingZeros(random.nextLong() | 1L << 40);
            case 4 -> random.nextInt(100) == 0 || i < 300 ? (byte) random.nextInt() : data[i - 300];
            case 5 ->
                random.nextInt(500) == 0 || i < 4095 ? (byte) random.nextInt() : data[i - 4095];
            case 6 -> (byte) (i / 1000);
            default -> (byte) (i % 4096 + (i >>> 12) * random.nextInt(2));
          };
    }
    return data;
  }

  private static byte[] inflate(byte[] packed, int length) throws Exception {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(packed);
      byte[] plain = new byte[length + 1];
      int got = inflater.inflate(plain);
      assertThat(inflater.finished()).isTrue();
      return Arrays.copyOf(plain, got);
    } finally {
      inflater.end();
    }
  }

  @Property(tries = 400)
  void zlibInflatesWhatWasDeflated(
      @ForAll @IntRange(max = KINDS - 1) int kind,
      @ForAll @IntRange(min = 512, max = 140_000) int length,
      @ForAll long seed)
      throws Exception {
    byte[] plain = data(kind, length, seed);
    byte[] packed = new byte[length];
    try (ClusterCompressor compressor = ClusterCompressor.deflate()) {
      for (int round = 0; round < 2; round++) {
        int size = compressor.compress(plain, packed);
        if (size != ClusterCompressor.INCOMPRESSIBLE) {
          assertThat(size).isLessThan(length);
          assertThat(inflate(Arrays.copyOf(packed, size), length)).isEqualTo(plain);
          assertThat(DeflateDistances.largest(packed)).isLessThanOrEqualTo(4096);
        } else {
          assertThat(kind == 0 || kind == 5 && length < 6000).isTrue();
        }
      }
    }
  }

  @Example
  void noiseIsIncompressible() {
    try (ClusterCompressor compressor = ClusterCompressor.deflate()) {
      byte[] noise = data(0, 65536, 5);
      assertThat(compressor.compress(noise, new byte[65536]))
          .isEqualTo(ClusterCompressor.INCOMPRESSIBLE);
    }
  }

  @Example
  void matchesAreFoundAcrossTheWholeClusterAndNotOnlyWithinFourKibibytes() {
    try (ClusterCompressor compressor = ClusterCompressor.deflate()) {
      for (int kind = 1; kind < KINDS; kind++) {
        byte[] plain = kind == 1 ? text(65536) : data(kind, 65536, kind);
        int ours = compressor.compress(plain, new byte[65536]);
        assertThat(ours).as("kind %d", kind).isLessThan(zlib(plain) * 103 / 100 + 64);
      }
    }
  }

  /** Upper bound by zlib: pieces of 4 KiB that know nothing of each other, but in one stream. */
  private static int zlib(byte[] plain) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      byte[] packed = new byte[plain.length * 2];
      int size = 0;
      for (int at = 0; at < plain.length; at += 4096) {
        deflater.setInput(plain, at, Math.min(4096, plain.length - at));
        size += deflater.deflate(packed, size, packed.length - size, Deflater.FULL_FLUSH);
      }
      return size;
    } finally {
      deflater.end();
    }
  }

  private static byte[] text(int length) {
    SplittableRandom random = new SplittableRandom(9);
    StringBuilder text = new StringBuilder();
    String[] words = "cluster table offset refcount entry bit of the is a in 0 1 image".split(" ");
    while (text.length() < length) {
      text.append(words[random.nextInt(words.length)]).append(' ');
    }
    return text.substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }
}
