package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.io.ErrorKind;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Section "Snapshots", with qemu-img on the other side of every step. */
@NeedsQemu
class SnapshotTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  private Path image(String options) {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, path, SIZE);
    return path;
  }

  private static void fill(DiskImage image, long seed) throws ImageException {
    image.write(0, ByteBuffer.wrap(DiskModel.pattern(SIZE / 2, seed)));
  }

  private static byte[] contents(DiskImage image) throws ImageException {
    byte[] all = new byte[(int) image.size()];
    image.read(0, ByteBuffer.wrap(all));
    return all;
  }

  private byte[] snapshotByQemu(Path path, String name) throws Exception {
    Path raw = directory.resolve("snapshot.raw");
    QemuImg.succeed("convert", "-l", name, "-f", "qcow2", "-O", "raw", path, raw);
    return Files.readAllBytes(raw);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compat=1.1",
        "compat=0.10",
        "cluster_size=512",
        "cluster_size=4096,refcount_bits=2",
        "cluster_size=2M,refcount_bits=64"
      })
  void qemuReadsTheSnapshotsWeTake(String options) throws Exception {
    Path path = image(options);
    byte[] first;
    byte[] second;
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      fill(image, 1);
      first = contents(image);
      image.snapshots().create("first", 1_700_000_000, 123_000_000);
      fill(image, 2);
      second = contents(image);
      image.snapshots().create("second", 1_700_000_001, 0);
      image.write(1000, ByteBuffer.wrap(DiskModel.pattern(5000, 3)));
    }
    QemuImg.assertClean(path);
    assertThat(snapshotByQemu(path, "first")).isEqualTo(first);
    assertThat(snapshotByQemu(path, "second")).isEqualTo(second);
    assertThat(QemuImg.succeed("info", "--output=json", path))
        .contains("\"date-nsec\": 123000000")
        .contains("\"date-sec\": 1700000000")
        .contains("\"vm-state-size\": 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"compat=1.1", "compat=0.10", "cluster_size=512", "refcount_bits=8"})
  void weReadApplyAndDeleteTheSnapshotsQemuTakes(String options) throws Exception {
    Path path = image(options);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      fill(image, 1);
    }
    byte[] before = QemuImg.contents(path);
    QemuImg.succeed("snapshot", "-c", "theirs", path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      fill(image, 2);
      assertThat(image.snapshots().list()).extracting(Snapshot::name).containsExactly("theirs");
    }
    OpenOptions view = OpenOptions.defaults().withSnapshotName(Optional.of("theirs"));
    try (DiskImage snapshot = DiskImage.open(path, view)) {
      assertThat(snapshot.readOnly()).isTrue();
      assertThat(contents(snapshot)).isEqualTo(before);
    }
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.snapshots().apply("1");
      assertThat(contents(image)).isEqualTo(before);
      image.snapshots().delete("theirs");
      assertThat(image.snapshots().list()).isEmpty();
      assertThat(contents(image)).isEqualTo(before);
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.contents(path)).isEqualTo(before);
  }

  @Test
  void compressedClustersAreHeldByASnapshot() throws Exception {
    Path raw = directory.resolve("data.raw");
    byte[] data = new byte[SIZE];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i / 3000);
    }
    Files.write(raw, data);
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("convert", "-c", "-O", "qcow2", "-o", "cluster_size=4096", raw, path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.snapshots().create("compressed", 0, 0);
    }
    QemuImg.assertClean(path);
    assertThat(snapshotByQemu(path, "compressed")).isEqualTo(data);
    QemuImg.succeed("snapshot", "-d", "compressed", path);
    QemuImg.assertClean(path);
    QemuImg.succeed("snapshot", "-c", "theirs", path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.snapshots().delete("theirs");
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.contents(path)).isEqualTo(data);
  }

  @Test
  void aRefcountThatWouldNotFitRefusesTheSnapshotAndLeavesTheImage() throws Exception {
    Path path = image("refcount_bits=1");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      fill(image, 1);
      image.flush();
      byte[] file = Files.readAllBytes(path);
      assertThatThrownBy(() -> image.snapshots().create("no", 0, 0))
          .isInstanceOfSatisfying(
              ImageException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION));
      assertThat(Files.readAllBytes(path)).isEqualTo(file);
      assertThat(image.snapshots().list()).isEmpty();
      fill(image, 2);
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.run("snapshot", "-c", "no", path).exitCode()).isEqualTo(1);
  }

  @Test
  void anIdWinsOverANameAndIdsAreUnique() throws Exception {
    Path path = image("compat=1.1");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(new byte[] {1}));
      assertThat(image.snapshots().create("2", 0, 0).id()).isEqualTo("1");
      image.write(0, ByteBuffer.wrap(new byte[] {2}));
      assertThat(image.snapshots().create("b", 0, 0).id()).isEqualTo("2");
      image.write(0, ByteBuffer.wrap(new byte[] {3}));
      image.snapshots().apply("2");
      assertThat(contents(image)[0]).isEqualTo((byte) 2);
      image.snapshots().delete("1");
      assertThat(image.snapshots().create("c", 0, 0).id()).isEqualTo("3");
      assertThatThrownBy(() -> image.snapshots().apply("nothing"))
          .hasMessageContaining("Can't find the snapshot");
    }
    QemuImg.assertClean(path);
  }

  @Test
  void machineStateAndUnknownExtraDataOfAnEntryAreKept() throws Exception {
    Path path = image("compat=1.1");
    QemuImg.succeed("snapshot", "-c", "theirs", path);
    byte[] bytes = Files.readAllBytes(path);
    int at = (int) ByteBuffer.wrap(bytes).getLong(64);
    byte[] entry = Arrays.copyOfRange(bytes, at, at + 80);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.snapshots().create("ours", 7, 0);
    }
    bytes = Files.readAllBytes(path);
    at = (int) ByteBuffer.wrap(bytes).getLong(64);
    assertThat(Arrays.copyOfRange(bytes, at, at + 71)).isEqualTo(Arrays.copyOf(entry, 71));
    QemuImg.assertClean(path);
  }

  @Test
  void anEmptyDiskHasSnapshotsToo() throws Exception {
    Path path = directory.resolve("empty.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", path, "0");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.snapshots().create("nothing", 0, 0);
      image.snapshots().apply("nothing");
    }
    QemuImg.assertClean(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.snapshots().delete("nothing");
    }
    QemuImg.assertClean(path);
  }
}
