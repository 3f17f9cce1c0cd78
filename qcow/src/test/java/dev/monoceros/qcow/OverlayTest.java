package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The snapshot option: writes stay in memory and are gone at close. */
class OverlayTest {
  private static final int SIZE = (3 << 20) + 512;

  @TempDir Path directory;

  private Path filled(CreateOptions options, DiskModel model) throws ImageException {
    Path path = directory.resolve("disk");
    try (DiskImage image = DiskImage.create(path, options)) {
      for (int i = 0; i < 40; i++) {
        model.write(image, i * 70_000L, 30_000, i);
      }
    }
    return path;
  }

  @ParameterizedTest
  @CsvSource({"QCOW2, 512", "QCOW2, 65536", "QCOW2, 2097152", "RAW, 65536"})
  void writesAreReadBackButNeverReachTheFile(ImageFormat format, long clusterSize)
      throws Exception {
    CreateOptions create =
        format == ImageFormat.RAW
            ? CreateOptions.raw(SIZE)
            : CreateOptions.qcow2(SIZE).withClusterSize(clusterSize);
    DiskModel model = new DiskModel(SIZE);
    Path path = filled(create, model);
    byte[] file = Files.readAllBytes(path);
    DiskModel before = new DiskModel(model);
    OpenOptions options = OpenOptions.defaults().withFormat(format).withSnapshot(true);
    SplittableRandom random = new SplittableRandom(clusterSize);
    try (DiskImage image = DiskImage.open(path, options)) {
      assertThat(image.readOnly()).isFalse();
      for (int i = 0; i < 200; i++) {
        int length = 1 + random.nextInt(100_000);
        int offset = random.nextInt(SIZE - length + 1);
        if (random.nextInt(4) == 0) {
          model.writeZeroes(image, offset, length, true);
        } else {
          model.write(image, offset, length, i);
        }
        model.assertRead(image, offset / 2, length);
      }
      image.flush();
      model.assertWholeDisk(image);
      assertThat(image.stats().fileWrites()).isZero();
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(file);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults().withFormat(format))) {
      before.assertWholeDisk(image);
    }
  }

  @Test
  void twoSnapshotsOfOneFileLiveSideBySide() throws Exception {
    DiskModel first = new DiskModel(SIZE);
    Path path = filled(CreateOptions.qcow2(SIZE), first);
    DiskModel second = new DiskModel(first);
    OpenOptions options = OpenOptions.defaults().withSnapshot(true);
    try (DiskImage a = DiskImage.open(path, options);
        DiskImage b = DiskImage.open(path, options)) {
      first.write(a, 1000, 50_000, 71);
      second.write(b, 2000, 50_000, 72);
      first.assertWholeDisk(a);
      second.assertWholeDisk(b);
    }
  }

  @Test
  void memoryIsBoundedAndTheErrorSaysSo() throws Exception {
    DiskModel model = new DiskModel(SIZE);
    Path path = filled(CreateOptions.qcow2(SIZE), model);
    OpenOptions options =
        OpenOptions.defaults().withSnapshot(true).withOverlayLimit(3 * 65536 + 1000);
    try (DiskImage image = DiskImage.open(path, options)) {
      model.write(image, 0, 3 * 65536, 9);
      ImageException e =
          catchThrowableOfType(
              ImageException.class, () -> image.write(1 << 20, ByteBuffer.allocate(1)));
      assertThat(e.kind()).isEqualTo(ErrorKind.NO_SPACE);
      assertThat(e).hasMessageContaining("snapshot");
      model.write(image, 500, 1000, 10);
      model.assertWholeDisk(image);
      assertThat(image.stats().overlayBytes()).isEqualTo(3 * 65536);
    }
  }

  @Test
  void whatIsInMemoryIsDataWithoutAPlaceInAFile() throws Exception {
    DiskModel model = new DiskModel(SIZE);
    Path path = filled(CreateOptions.qcow2(SIZE), model);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults().withSnapshot(true))) {
      int hole = 48 << 16;
      assertThat(image.extent(hole, 1).data()).isFalse();
      model.write(image, hole + 100, 10, 3);
      Extent changed = image.extent(hole, 512);
      assertThat(changed.data()).isTrue();
      assertThat(changed.fileOffset()).isEqualTo(Extent.NO_OFFSET);
      assertThat(image.extent(hole - 512, 1024).end()).isLessThanOrEqualTo(hole);
      Extent before = image.extent(0, SIZE);
      assertThat(before.fileOffset()).isNotEqualTo(Extent.NO_OFFSET);
    }
  }

  @ParameterizedTest
  @CsvSource({"QCOW2, 4096", "RAW, 65536"})
  void itGrowsAndShrinksInMemoryAndWhatWasCutOffStaysGone(ImageFormat format, long clusterSize)
      throws Exception {
    CreateOptions create =
        format == ImageFormat.RAW
            ? CreateOptions.raw(SIZE)
            : CreateOptions.qcow2(SIZE).withClusterSize(clusterSize);
    Path path = filled(create, new DiskModel(SIZE));
    byte[] file = Files.readAllBytes(path);
    OpenOptions options = OpenOptions.defaults().withFormat(format).withSnapshot(true);
    SplittableRandom random = new SplittableRandom(clusterSize);
    try (DiskImage image = DiskImage.open(path, options)) {
      byte[] disk = new byte[SIZE];
      image.read(0, ByteBuffer.wrap(disk));
      for (int i = 0; i < 60; i++) {
        int size = (1 + random.nextInt(2 * SIZE / 512)) * 512;
        image.resize(size, Preallocation.OFF, true);
        disk = Arrays.copyOf(disk, size);
        assertThat(image.size()).isEqualTo(size).isEqualTo(image.info().size());
        byte[] bytes = DiskModel.pattern(1 + random.nextInt(Math.min(size, 20_000)), i);
        int offset = random.nextInt(size - bytes.length + 1);
        image.write(offset, ByteBuffer.wrap(bytes));
        System.arraycopy(bytes, 0, disk, offset, bytes.length);
        byte[] read = new byte[size];
        image.read(0, ByteBuffer.wrap(read));
        assertThat(Arrays.mismatch(read, disk)).as("step %d", i).isEqualTo(-1);
        assertExtentsAgree(image, disk);
      }
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(file);
  }

  /** What is said to read as zero does, and the extents follow each other to the disk's end. */
  private static void assertExtentsAgree(DiskImage image, byte[] disk) throws ImageException {
    long at = 0;
    while (at < disk.length) {
      Extent extent = image.extent(at, disk.length - at);
      assertThat(extent.offset()).isEqualTo(at);
      assertThat(extent.length()).isPositive();
      for (int i = (int) at; extent.zero() && i < extent.end(); i++) {
        assertThat(disk[i]).isZero();
      }
      at = extent.end();
    }
  }
}
