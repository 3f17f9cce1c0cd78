package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk grows and shrinks, and qemu-img sees the same disk. */
@NeedsQemu
class ResizeTest {
  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  private Path image(String options, int size) throws ImageException {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, path, size);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(DiskModel.pattern(size, 1)));
    }
    return path;
  }

  @ParameterizedTest
  @CsvSource({
    "'compat=1.1', 1048576, 10485760",
    "'compat=0.10', 1048576, 1049088",
    "'cluster_size=512', 1048576, 8388608",
    "'cluster_size=512', 1000448, 30720",
    "'cluster_size=4096', 1048576, 4608",
    "'cluster_size=2M', 5242880, 512",
    "'cluster_size=1024,refcount_bits=1', 1048576, 0"
  })
  void theDiskKeepsWhatFitsAndTheRestIsZero(String options, int from, int to) throws Exception {
    Path path = image(options, from);
    long before = Files.size(path);
    byte[] wanted = Arrays.copyOf(DiskModel.pattern(from, 1), to);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.resize(to, Preallocation.OFF, true);
      assertThat(image.size()).isEqualTo(to);
      byte[] found = new byte[to];
      image.read(0, ByteBuffer.wrap(found));
      assertThat(found).isEqualTo(wanted);
      if (to > 0) {
        image.write(to - 1, ByteBuffer.wrap(new byte[] {7}));
        wanted[to - 1] = 7;
      }
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.contents(path)).isEqualTo(wanted);
    if (to < from) {
      assertThat(Files.size(path)).as("the file was cut back").isLessThan(before);
    }
  }

  @Test
  void whatWasCutOffNeverComesBack() throws Exception {
    Path path = image("cluster_size=65536", 1 << 20);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.resize(100_352, Preallocation.OFF, true);
      image.resize(1 << 20, Preallocation.OFF, false);
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.contents(path))
        .isEqualTo(Arrays.copyOf(Arrays.copyOf(DiskModel.pattern(1 << 20, 1), 100_352), 1 << 20));
  }

  @ParameterizedTest
  @CsvSource({"METADATA, metadata", "FALLOC, falloc", "FULL, full"})
  void whatIsAddedIsPreallocated(Preallocation mode, String name) throws Exception {
    Path path = image("cluster_size=4096", 1 << 20);
    Path theirs = directory.resolve("theirs.qcow2");
    Files.copy(path, theirs);
    QemuImg.succeed("resize", "--preallocation=" + name, theirs, "3M");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.resize(3 << 20, mode, false);
    }
    QemuImg.assertClean(path);
    assertThat(allocation(path)).isEqualTo(allocation(theirs));
    assertThat(QemuImg.contents(path)).isEqualTo(QemuImg.contents(theirs));
  }

  private static String allocation(Path image) {
    return QemuImg.succeed("check", image)
        .replaceAll("allocated, .*% frag", "allocated, frag")
        .replaceAll("Image end.*", "");
  }

  @Test
  void snapshotsKeepTheirSizeAndContents() throws Exception {
    Path path = image("cluster_size=4096", 1 << 20);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.snapshots().create("large", 0, 0);
      image.resize(1 << 16, Preallocation.OFF, true);
      image.write(0, ByteBuffer.wrap(new byte[100]));
      image.snapshots().create("small", 0, 0);
      image.resize(1 << 21, Preallocation.METADATA, false);
      QemuImg.assertClean(copy(path, image));
      image.snapshots().apply("large");
      assertThat(image.size()).isEqualTo(1 << 20);
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.contents(path)).isEqualTo(DiskModel.pattern(1 << 20, 1));
    QemuImg.succeed("snapshot", "-a", "small", path);
    assertThat(QemuImg.contents(path))
        .hasSize(1 << 16)
        .startsWith(new byte[100])
        .endsWith(Arrays.copyOfRange(DiskModel.pattern(1 << 20, 1), 100, 1 << 16));
  }

  /** Our lock keeps qemu-img out of a file that is open. */
  private Path copy(Path path, DiskImage image) throws Exception {
    image.flush();
    Path copy = directory.resolve("copy.qcow2");
    Files.copy(path, copy);
    return copy;
  }

  @Test
  void whatQemuRefusesIsRefusedInItsWords() throws Exception {
    Path path = image("compat=0.10", 1 << 20);
    QemuImg.succeed("snapshot", "-c", "one", path);
    assertRefused(path, 2 << 20, "resize", path, "2M");
    Path small = image("cluster_size=512", 1 << 20);
    assertRefused(small, 10L << 40, "resize", small, "10T");
    Path backed = directory.resolve("backed.qcow2");
    QemuImg.succeed(
        "create", "-f", "qcow2", "-o", "compat=0.10", "-b", small, "-F", "qcow2", backed, "512k");
    assertRefused(backed, 2 << 20, "resize", backed, "2M");
  }

  private static void assertRefused(Path path, long size, Object... qemu) throws Exception {
    byte[] before = Files.readAllBytes(path);
    String clause = QemuImg.run(qemu).output().strip().replace("qemu-img: ", "");
    OpenOptions open = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage image = DiskImage.open(path, open)) {
      assertThatThrownBy(() -> image.resize(size, Preallocation.OFF, true))
          .hasMessageEndingWith(": " + clause);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({
    "'compat=1.1', OFF, off",
    "'extended_l2=on,cluster_size=16384', OFF, off",
    "'extended_l2=on,cluster_size=16384', METADATA, metadata",
    "'cluster_size=4096', OFF, off"
  })
  void whatIsAddedHidesTheBackingFile(String options, Preallocation mode, String name)
      throws Exception {
    Path base = directory.resolve("base.raw");
    Files.write(base, DiskModel.pattern(2 << 20, 5));
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed(
        "create", "-f", "qcow2", "-o", options, "-b", base, "-F", "raw", path, "1000448");
    Path theirs = directory.resolve("theirs.qcow2");
    Files.copy(path, theirs);
    QemuImg.succeed("resize", "--preallocation=" + name, theirs, "3M");
    OpenOptions open = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage image = DiskImage.open(path, open)) {
      image.resize(3 << 20, mode, false);
    }
    QemuImg.assertClean(path);
    byte[] wanted = Arrays.copyOf(Arrays.copyOf(DiskModel.pattern(2 << 20, 5), 1_000_448), 3 << 20);
    assertThat(Arrays.mismatch(QemuImg.contents(path), wanted)).isEqualTo(-1);
    assertThat(map(path)).isEqualTo(map(theirs));
  }

  private static String map(Path image) {
    return QemuImg.succeed("map", image)
        .replaceAll("0x[0-9a-f]+ +/", "/")
        .replaceAll("/.*/", "")
        .replace(image.getFileName().toString(), "top");
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  void anExternalDataFileFollowsTheSize(String raw) throws Exception {
    Path data = directory.resolve("data.raw");
    Path path = image("data_file=" + data + ",data_file_raw=" + raw, 1 << 20);
    OpenOptions open = OpenOptions.defaults().withDataFile(Optional.of(data));
    try (DiskImage image = DiskImage.open(path, open)) {
      image.resize(3 << 20, Preallocation.OFF, false);
      assertThat(Files.size(data)).isEqualTo(3 << 20);
      image.write(2 << 20, ByteBuffer.wrap(new byte[] {1}));
    }
    QemuImg.assertClean(path);
    assertThat(Arrays.mismatch(QemuImg.contents(path), Files.readAllBytes(data))).isEqualTo(-1);
    try (DiskImage image = DiskImage.open(path, open)) {
      image.resize(1 << 18, Preallocation.OFF, true);
      assertThat(Files.size(data)).isEqualTo(1 << 18);
      assertThatThrownBy(() -> image.snapshots().create("no", 0, 0))
          .isInstanceOf(ImageException.class);
    }
    QemuImg.assertClean(path);
    assertThat(Arrays.mismatch(QemuImg.contents(path), Files.readAllBytes(data))).isEqualTo(-1);
    assertThat(QemuImg.run("snapshot", "-c", "no", path).exitCode()).isEqualTo(1);
    QemuImg.succeed("resize", path, "2M");
    assertThat(Files.size(data)).as("QEMU does the same").isEqualTo(2 << 20);
    QemuImg.succeed("resize", "--shrink", path, "128k");
    assertThat(Files.size(data)).isEqualTo(1 << 17);
  }
}
