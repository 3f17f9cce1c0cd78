package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compressed clusters that qemu-img wrote: read, copied on write, given back. */
@NeedsQemu
class CompressedClustersTest {
  private static final int SIZE = 9 << 20;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  /** Text, runs, noise and holes, so that clusters of every kind come out of the conversion. */
  static byte[] mixedData(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] data = new byte[size];
    int at = 0;
    while (at < size) {
      int length = Math.min(size - at, 1 + random.nextInt(200_000));
      int kind = random.nextInt(4);
      for (int i = at; i < at + length; i++) {
        data[i] =
            switch (kind) {
              case 0 -> (byte) ("the quick brown fox ".charAt((i * 7 + i / 91) % 20));
              case 1 -> (byte) (i >>> 9);
              case 2 -> (byte) random.nextInt();
              default -> 0;
            };
      }
      at += length;
    }
    return data;
  }

  private Path compressed(byte[] data, String options) throws Exception {
    Path raw = Files.write(directory.resolve("origin.raw"), data);
    Path path = directory.resolve("compressed.qcow2");
    QemuImg.succeed("convert", "-c", "-f", "raw", "-O", "qcow2", "-o", options, raw, path);
    return path;
  }

  @ParameterizedTest
  @CsvSource({
    "'compat=1.1,cluster_size=512'",
    "'compat=1.1,cluster_size=4096'",
    "'compat=0.10,cluster_size=65536'",
    "'compat=1.1,cluster_size=2M'",
    "'compat=1.1,cluster_size=4096,compression_type=zstd'",
    "'compat=1.1,cluster_size=65536,compression_type=zstd'",
    "'compat=1.1,cluster_size=2M,compression_type=zstd'",
    "'compat=1.1,cluster_size=16384,extended_l2=on'",
  })
  void whatQemuCompressedReadsTheSameAndCanBeOverwrittenAndGivenBack(String options)
      throws Exception {
    byte[] data = mixedData(SIZE, options.hashCode());
    Path path = compressed(data, options);
    DiskModel model = new DiskModel(SIZE);
    model.put(0, data);
    SplittableRandom random = new SplittableRandom(1);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.assertWholeDisk(image);
      for (int i = 0; i < 100; i++) {
        int length = 1 + random.nextInt(100_000);
        int offset = random.nextInt(SIZE - length);
        switch (random.nextInt(6)) {
          case 0 -> model.discard(image, offset, length);
          case 1 -> model.writeZeroes(image, offset, length, true);
          case 2 -> model.writeZeroes(image, offset, length, false);
          case 3 -> model.write(image, offset, 1 + length / 50, i);
          default -> model.assertRead(image, offset, length);
        }
      }
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }

  @ParameterizedTest
  @CsvSource({"zlib", "zstd"})
  void anInternalSnapshotKeepsCompressedClustersThatAreOverwritten(String type) throws Exception {
    byte[] data = mixedData(SIZE, 3);
    Path path = compressed(data, "cluster_size=4096,compression_type=" + type);
    QemuImg.succeed("snapshot", "-c", "before", path);
    DiskModel model = new DiskModel(SIZE);
    model.put(0, data);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      for (int offset = 100; offset < SIZE - 20_000; offset += 130_000) {
        model.write(image, offset, 9000, offset);
        model.discard(image, offset + 60_000, 10_000);
      }
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
    QemuImg.succeed("snapshot", "-a", "before", path);
    assertThat(QemuImg.contents(path)).isEqualTo(data);
    QemuImg.succeed("snapshot", "-d", "before", path);
    QemuImg.assertClean(path);
  }
}
