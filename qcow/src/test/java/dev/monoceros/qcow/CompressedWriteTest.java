package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.FaultyFile;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compressed clusters of ours, as qemu-img finds them. */
@NeedsQemu
class CompressedWriteTest {
  /** Not a multiple of the larger clusters: the last one is cut off. */
  private static final int SIZE = (5 << 20) + 1536;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  private Path created(String options) {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, path, SIZE);
    return path;
  }

  private static void writeAllCompressed(DiskImage image, byte[] data) throws ImageException {
    int unit = Math.max(image.clusterSize(), 1 << 20);
    for (int at = 0; at < data.length; at += unit) {
      image.writeCompressed(at, ByteBuffer.wrap(data, at, Math.min(unit, data.length - at)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'compat=1.1,cluster_size=512'",
    "'compat=1.1,cluster_size=4096,refcount_bits=1'",
    "'compat=1.1,cluster_size=4096,refcount_bits=2'",
    "'compat=1.1,cluster_size=4096,refcount_bits=64'",
    "'compat=0.10,cluster_size=65536'",
    "'compat=1.1,cluster_size=2M'",
    "'compat=1.1,cluster_size=1024,compression_type=zstd'",
    "'compat=1.1,cluster_size=65536,compression_type=zstd'",
    "'compat=1.1,cluster_size=2M,compression_type=zstd'",
    "'compat=1.1,cluster_size=16384,extended_l2=on,compression_type=zstd'",
  })
  void qemuReadsWhatWeCompressedAndFindsItClean(String options) throws Exception {
    Path path = created(options);
    byte[] data = CompressedClustersTest.mixedData(SIZE, 5);
    DiskModel model = new DiskModel(SIZE);
    model.put(0, data);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      writeAllCompressed(image, data);
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
    overwriteAtRandom(path, model);
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }

  /** Clusters that share a host cluster go one by one, and new ones take their places. */
  private static void overwriteAtRandom(Path path, DiskModel model) throws ImageException {
    SplittableRandom random = new SplittableRandom(2);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      int cluster = image.clusterSize();
      for (int i = 0; i < 200; i++) {
        int at = random.nextInt(SIZE / cluster) * cluster;
        int length = Math.min(SIZE - at, cluster);
        switch (random.nextInt(4)) {
          case 0 -> model.write(image, at + length / 3, 1 + length / 3, i);
          case 1 -> image.flush();
          default -> {
            model.discard(image, at, length);
            byte[] text = new byte[length];
            Arrays.fill(text, (byte) i);
            image.writeCompressed(at, ByteBuffer.wrap(text));
            model.put(at, text);
          }
        }
        model.assertRead(image, at, length);
      }
      model.assertWholeDisk(image);
    }
  }

  @ParameterizedTest
  @CsvSource({"zlib", "zstd"})
  void theFileIsAtMostThreePercentLargerThanThatOfQemu(String type) throws Exception {
    byte[] data = CompressedClustersTest.mixedData(SIZE, 11);
    Path raw = Files.write(directory.resolve("origin.raw"), data);
    Path theirs = directory.resolve("theirs.qcow2");
    String o = "compression_type=" + type;
    QemuImg.succeed("convert", "-c", "-f", "raw", "-O", "qcow2", "-o", o, raw, theirs);
    Path ours = created(o);
    try (DiskImage image = DiskImage.open(ours, OpenOptions.defaults())) {
      writeAllCompressed(image, data);
    }
    // Ours ends at a whole cluster; theirs at a whole sector.
    assertThat(Files.size(ours)).isLessThanOrEqualTo(Files.size(theirs) * 103 / 100 + 65536);
  }

  @ParameterizedTest
  @CsvSource({"zlib", "zstd"})
  void clustersPackedOnSeveralThreadsAreWrittenInOrder(String type) throws Exception {
    Path path = created("compression_type=" + type);
    DiskModel model = new DiskModel(SIZE);
    byte[][] packed = new byte[8][];
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      Thread[] threads = new Thread[2];
      for (int t = 0; t < threads.length; t++) {
        int first = t;
        threads[t] = Thread.ofPlatform().start(() -> packEverySecond(image, packed, first));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      for (int i = 0; i < packed.length; i++) {
        image.writePrecompressed(i * 65536L, ByteBuffer.wrap(packed[i]));
        model.put(i * 65536L, plain(i));
      }
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }

  private static byte[] plain(int number) {
    byte[] plain = new byte[65536];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (byte) (i * number >>> 5);
    }
    return plain;
  }

  private static void packEverySecond(DiskImage image, byte[][] packed, int first) {
    try (ClusterCompressor compressor = image.newCompressor()) {
      byte[] buffer = new byte[65536];
      for (int i = first; i < packed.length; i += 2) {
        packed[i] = Arrays.copyOf(buffer, compressor.compress(plain(i), buffer));
      }
    } catch (ImageException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void compressedDataOverwritesNothingAndStartsAtACluster() throws Exception {
    Path path = created("cluster_size=65536");
    byte[] data = new byte[65536];
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(data, 0, 100));
      image.writeCompressed(65536, ByteBuffer.wrap(data));
      image.writeZeroes(131072, 65536, true);
      image.writeCompressed(131072, ByteBuffer.wrap(data));
      for (long offset : new long[] {0, 65536, 131072}) {
        ImageException e =
            catchThrowableOfType(
                ImageException.class, () -> image.writeCompressed(offset, ByteBuffer.wrap(data)));
        assertThat(e.kind()).isEqualTo(ErrorKind.IO);
        assertThat(e).hasMessageContaining("allocated already");
      }
      assertThat(
              catchThrowableOfType(
                      ImageException.class,
                      () -> image.writeCompressed(262144 + 512, ByteBuffer.wrap(data)))
                  .kind())
          .isEqualTo(ErrorKind.BAD_OPTION);
    }
    QemuImg.assertClean(path);
  }

  @Test
  void aRawImageHasNoCompressedClusters() throws Exception {
    Path path = directory.resolve("disk.raw");
    try (DiskImage image = DiskImage.create(path, CreateOptions.raw(65536))) {
      assertThat(catchThrowableOfType(ImageException.class, image::newCompressor).kind())
          .isEqualTo(ErrorKind.UNSUPPORTED);
      assertThat(
              catchThrowableOfType(
                      ImageException.class,
                      () -> image.writeCompressed(0, ByteBuffer.allocate(512)))
                  .kind())
          .isEqualTo(ErrorKind.UNSUPPORTED);
    }
  }

  @ParameterizedTest
  @CsvSource({"Input/output error", "No space left on device"})
  void aFailedCompressedWriteLeavesNothingBehindAndARetrySucceeds(String errno) throws Exception {
    Path path = created("cluster_size=4096");
    FaultyFile file = new FaultyFile(MemoryFile.load(path));
    DiskModel model = new DiskModel(SIZE);
    SplittableRandom random = new SplittableRandom(7);
    int faults = 0;
    OpenOptions small = OpenOptions.defaults().withL2CacheSize(1024).withL2CacheEntrySize(512);
    try (DiskImage image = DiskImage.open(file, small)) {
      for (int i = 0; i < 600; i++) {
        int at = random.nextInt(SIZE / 4096) * 4096;
        byte[] data = CompressedClustersTest.mixedData(4096, i);
        model.discard(image, at, 4096);
        file.failAfter(random.nextInt(6), 1, errno);
        try {
          image.writeCompressed(at, ByteBuffer.wrap(data));
        } catch (ImageException e) {
          faults++;
          file.heal();
          model.assertRead(image, at, 4096);
          image.writeCompressed(at, ByteBuffer.wrap(data));
        }
        file.heal();
        model.put(at, data);
        model.assertRead(image, at, 4096);
      }
    }
    assertThat(faults).isGreaterThan(100);
    Files.write(path, file.bytes());
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }
}
