package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Images of qemu-img through our code and back, for every cluster size and refcount width. */
@NeedsQemu
class QemuInteropTest {
  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  /** Every cluster size, the refcount widths in turn, and version 2 for some. */
  static Stream<Arguments> geometries() {
    return IntStream.rangeClosed(9, 21)
        .boxed()
        .flatMap(
            bits ->
                Stream.of(
                    Arguments.of("1.1", 1 << bits, 1 << (bits % 7)),
                    Arguments.of("1.1", 1 << bits, 1 << ((bits + 3) % 7)),
                    Arguments.of("0.10", 1 << bits, 16)));
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void qemuReadsWhatWeWroteIntoItsImage(String compat, int clusterSize, int refcountBits)
      throws Exception {
    Path path = directory.resolve("disk.qcow2");
    int size = diskSize(clusterSize);
    create(path, compat, clusterSize, refcountBits, size);
    DiskModel model = new DiskModel(size);
    OpenOptions options = OpenOptions.defaults().withL2CacheSize(2048);
    try (DiskImage image = DiskImage.open(path, options)) {
      scatter(image, model, 60, clusterSize);
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults().withReadOnly(true))) {
      model.assertWholeDisk(image);
    }
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void weReadWhatQemuWrote(String compat, int clusterSize, int refcountBits) throws Exception {
    int size = diskSize(clusterSize);
    DiskModel model = new DiskModel(size);
    SplittableRandom random = new SplittableRandom(clusterSize);
    for (int i = 0; i < 20; i++) {
      int length = 1 + random.nextInt(Math.min(size, 40_000));
      model.put(random.nextInt(size - length), DiskModel.pattern(length, i));
    }
    Path raw = directory.resolve("disk.raw");
    Files.write(raw, model.bytes());
    Path path = directory.resolve("disk.qcow2");
    String o = options(compat, clusterSize, refcountBits);
    QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", "-o", o, raw, path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.assertWholeDisk(image);
      scatter(image, model, 30, clusterSize);
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void qemuAcceptsWhatWeCreated(String compat, int clusterSize, int refcountBits) throws Exception {
    Path path = directory.resolve("ours.qcow2");
    int size = diskSize(clusterSize);
    CreateOptions options =
        CreateOptions.qcow2(size)
            .withClusterSize(clusterSize)
            .withVersion(compat.equals("1.1") ? 3 : 2)
            .withRefcountBits(refcountBits);
    DiskModel model = new DiskModel(size);
    try (DiskImage image = DiskImage.create(path, options)) {
      QemuImg.Result locked = QemuImg.run("info", path);
      assertThat(locked.exitCode()).as(locked.output()).isNotZero();
      scatter(image, model, 30, clusterSize);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
    assertThat(QemuImg.succeed("info", path))
        .contains("cluster_size: " + clusterSize, "compat: " + compat);
  }

  @Test
  void preallocatedMetadataIsWrittenInPlace() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", "preallocation=metadata", path, "8M");
    long before = Files.size(path);
    DiskModel model = new DiskModel(8 << 20);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      scatter(image, model, 50, 65536);
    }
    assertThat(Files.size(path)).isEqualTo(before);
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }

  @Test
  void writingCopiesClustersThatAnInternalSnapshotShares() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    create(path, "1.1", 4096, 16, 4 << 20);
    DiskModel model = new DiskModel(4 << 20);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      scatter(image, model, 60, 4096);
    }
    QemuImg.succeed("snapshot", "-c", "before", path);
    DiskModel old = new DiskModel(model);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.assertWholeDisk(image);
      scatter(image, model, 120, 4096);
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
    QemuImg.succeed("snapshot", "-a", "before", path);
    old.assertEquals(QemuImg.contents(path));
    QemuImg.succeed("snapshot", "-d", "before", path);
    QemuImg.assertClean(path);
  }

  private static void scatter(DiskImage image, DiskModel model, int count, int clusterSize)
      throws ImageException {
    SplittableRandom random = new SplittableRandom(count * 31L + clusterSize);
    for (int i = 0; i < count; i++) {
      int most = Math.min(model.size(), random.nextInt(4) == 0 ? 3 * clusterSize : 9000);
      int length = 1 + random.nextInt(most - 1);
      int offset = random.nextInt(model.size() - length);
      switch (random.nextInt(8)) {
        case 0 -> model.discard(image, offset, length);
        case 1 -> model.writeZeroes(image, offset, length, true);
        case 2 -> model.writeZeroes(image, offset, length, false);
        case 3 -> image.flush();
        default -> model.write(image, offset, length, random.nextLong());
      }
      model.assertRead(image, offset, length);
    }
  }

  /** Enough for several L2 tables where they are small, and not a whole number of clusters. */
  private static int diskSize(int clusterSize) {
    return Math.max(1 << 20, 8 * clusterSize) + 512;
  }

  private static void create(
      Path path, String compat, int clusterSize, int refcountBits, int size) {
    String o = options(compat, clusterSize, refcountBits);
    QemuImg.succeed("create", "-f", "qcow2", "-o", o, path, size);
  }

  private static String options(String compat, int clusterSize, int refcountBits) {
    return "compat=%s,cluster_size=%d,refcount_bits=%d"
        .formatted(compat, clusterSize, refcountBits);
  }
}
