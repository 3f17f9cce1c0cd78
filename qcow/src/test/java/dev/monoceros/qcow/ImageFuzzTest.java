package dev.monoceros.qcow;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.Survival;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jazzer's target over the header and the tables. The first byte of an input chooses an image, each
 * eleven bytes after it change one word: two for the word's number, one for how, eight for the
 * value.
 */
class ImageFuzzTest {
  private static final int PATCH = 11;
  private static final int DISK = 64 << 10;
  private static final int SET = 0;
  private static final int XOR = 1;
  private static final int FLIP = 2;
  private static final int HOWS = 4;
  private static final List<byte[]> IMAGES = images();

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "15s")
  void anImageMayBeAnything(byte[] input) {
    survive(input);
  }

  @Tag("long")
  @MethodSource("seeds")
  @FuzzTest(maxDuration = "1h")
  void anImageMayBeAnythingForAnHour(byte[] input) {
    survive(input);
  }

  /** Each image as it is, and with each of its first words changed in some way. */
  static Stream<byte[]> seeds() {
    SplittableRandom random = new SplittableRandom(3);
    return IntStream.range(0, 40 * IMAGES.size())
        .mapToObj(
            i -> {
              ByteBuffer seed = ByteBuffer.allocate(1 + 2 * PATCH).put((byte) (i % IMAGES.size()));
              seed.putShort((short) (i / IMAGES.size())).put((byte) FLIP);
              seed.putLong(random.nextInt(Long.SIZE));
              seed.putShort((short) random.nextInt(600)).put((byte) random.nextInt(HOWS));
              return seed.putLong(random.nextInt(1 << 16)).array();
            });
  }

  private static void survive(byte[] input) {
    if (input.length > 0) {
      Survival.of(patched(ByteBuffer.wrap(input)));
    }
  }

  private static byte[] patched(ByteBuffer input) {
    byte[] origin = IMAGES.get(Byte.toUnsignedInt(input.get()) % IMAGES.size());
    byte[] image = origin.clone();
    ByteBuffer bytes = ByteBuffer.wrap(image);
    while (input.remaining() >= PATCH) {
      int at = Short.toUnsignedInt(input.getShort()) % (image.length / Long.BYTES) * Long.BYTES;
      int how = Byte.toUnsignedInt(input.get()) % HOWS;
      long value = input.getLong();
      long old = bytes.getLong(at);
      bytes.putLong(
          at,
          switch (how) {
            case SET -> value;
            case XOR -> old ^ value;
            case FLIP -> old ^ 1L << value;
            default -> old + value;
          });
    }
    return image;
  }

  /** Small ones, so that most words matter. */
  private static List<byte[]> images() {
    CreateOptions small = CreateOptions.qcow2(DISK).withClusterSize(512);
    List<byte[]> images = new ArrayList<>();
    images.add(made(small, false));
    images.add(made(small, true));
    images.add(made(small.withVersion(2), true));
    images.add(made(small.withRefcountBits(1), false));
    images.add(made(small.withRefcountBits(64).withLazyRefcounts(true), true));
    images.add(made(small.withClusterSize(16384).withExtendedL2(true).withRefcountBits(8), true));
    images.add(made(small.withClusterSize(2048), false));
    return images;
  }

  private static byte[] made(CreateOptions options, boolean snapshot) {
    try {
      Path path = Files.createTempFile("fuzz", ".qcow2");
      try {
        fill(path, options.withOverwrite(true), snapshot);
        return MemoryFile.load(path);
      } finally {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void fill(Path path, CreateOptions options, boolean snapshot)
      throws ImageException {
    byte[] same = new byte[(int) options.clusterSize()];
    Arrays.fill(same, (byte) 9);
    try (DiskImage image = DiskImage.create(path, options)) {
      image.write(700, ByteBuffer.wrap(DiskModel.pattern(9000, 1)));
      image.writeCompressed(DISK / 2, ByteBuffer.wrap(same));
      image.writeZeroes(12_000, 3000, false);
      if (snapshot) {
        image.snapshots().create("one", 1, 2);
        image.write(5000, ByteBuffer.wrap(DiskModel.pattern(2000, 2)));
      }
    }
  }
}
