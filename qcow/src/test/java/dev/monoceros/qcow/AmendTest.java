package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Options change in place; qemu-img amend is asked to do the same to a copy. */
@NeedsQemu
class AmendTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
    QemuIo.require();
  }

  private Path image(String options) {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, path, SIZE);
    QemuIo.run(path, List.of("write -P 1 0 300k", "write -z 100k 64k", "write -P 2 700k 100k"));
    QemuImg.succeed("snapshot", "-c", "one", path);
    QemuIo.run(path, List.of("write -P 3 200k 100k", "write -z 700k 64k"));
    return path;
  }

  private static AmendOptions version(int version) {
    AmendOptions n = AmendOptions.NOTHING;
    return new AmendOptions(
        Optional.of(version),
        n.size(),
        n.backing(),
        n.lazyRefcounts(),
        n.refcountBits(),
        n.dataFile(),
        n.dataFileRaw());
  }

  private static AmendOptions refcountBits(int bits) {
    AmendOptions n = AmendOptions.NOTHING;
    return new AmendOptions(
        n.version(),
        n.size(),
        n.backing(),
        n.lazyRefcounts(),
        Optional.of(bits),
        n.dataFile(),
        n.dataFileRaw());
  }

  private static AmendOptions lazy(boolean on) {
    AmendOptions n = AmendOptions.NOTHING;
    return new AmendOptions(
        n.version(),
        n.size(),
        n.backing(),
        Optional.of(on),
        n.refcountBits(),
        n.dataFile(),
        n.dataFileRaw());
  }

  private void assertSameAsQemu(Path path, AmendOptions options, String qemu) throws Exception {
    Path theirs = directory.resolve("theirs.qcow2");
    Files.copy(path, theirs);
    QemuImg.succeed("amend", "-f", "qcow2", "-o", qemu, theirs);
    DiskModel disk = new DiskModel(SIZE);
    disk.put(0, QemuImg.contents(path));
    byte[] snapshot = snapshotContents(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.amend(options, Progress.NONE);
      disk.write(image, 500_000, 3000, 1);
    }
    QemuImg.assertClean(path);
    assertThat(info(path)).isEqualTo(info(theirs));
    disk.assertEquals(QemuImg.contents(path));
    assertThat(Arrays.mismatch(snapshotContents(path), snapshot)).isEqualTo(-1);
    QemuImg.succeed("snapshot", "-a", "one", path);
    QemuImg.assertClean(path);
  }

  private byte[] snapshotContents(Path path) throws IOException {
    Path raw = directory.resolve("one.raw");
    QemuImg.succeed("convert", "-l", "one", "-O", "raw", path, raw);
    return Files.readAllBytes(raw);
  }

  private static String info(Path image) {
    return QemuImg.succeed("info", image)
        .replaceAll("(?m)^image: .*$", "")
        .replaceAll("(?m)^disk size: .*$", "");
  }

  @ParameterizedTest
  @CsvSource({
    "compat=1.1, 64",
    "compat=1.1, 2",
    "compat=1.1, 8",
    "'cluster_size=512,refcount_bits=64', 4",
    "'cluster_size=1024,refcount_bits=2', 32"
  })
  void refcountsGetAnotherWidth(String options, int bits) throws Exception {
    assertSameAsQemu(image(options), refcountBits(bits), "refcount_bits=" + bits);
  }

  @ParameterizedTest
  @ValueSource(strings = {"compat=0.10", "compat=0.10,cluster_size=4096"})
  void version2BecomesVersion3(String options) throws Exception {
    assertSameAsQemu(image(options), version(3), "compat=1.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"compat=1.1", "compat=1.1,cluster_size=512", "lazy_refcounts=on"})
  void version3BecomesVersion2WithoutZeroClusters(String options) throws Exception {
    assertSameAsQemu(image(options), version(2), "compat=0.10");
  }

  @Test
  void zeroClustersOverABackingFileBecomeData() throws Exception {
    Path base = directory.resolve("base.raw");
    Files.write(base, DiskModel.pattern(SIZE, 9));
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-b", base, "-F", "raw", path);
    QemuIo.run(path, List.of("write -P 1 0 300k", "write -z 64k 128k", "write -z 640k 64k"));
    byte[] before = QemuImg.contents(path);
    OpenOptions options = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage image = DiskImage.open(path, options)) {
      image.amend(version(2), Progress.NONE);
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.succeed("info", path)).contains("compat: 0.10");
    assertThat(QemuImg.contents(path)).isEqualTo(before);
  }

  @Test
  void theLazyBitGoesOnAndOff() throws Exception {
    Path path = image("compat=1.1");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.amend(lazy(true), Progress.NONE);
      assertThat(image.info().qcow2().orElseThrow().lazyRefcounts()).isTrue();
    }
    assertThat(QemuImg.succeed("info", path)).contains("lazy refcounts: true");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.amend(lazy(false), Progress.NONE);
    }
    assertThat(QemuImg.succeed("info", path)).contains("lazy refcounts: false");
    QemuImg.assertClean(path);
  }

  @Test
  void bitmapsGoWithVersion3() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", path, SIZE);
    QemuImg.succeed("bitmap", "--add", path, "b");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.amend(version(2), Progress.NONE);
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.run("info", path).output()).doesNotContain("bitmap");
  }

  @Test
  void whatQemuRefusesIsRefusedInItsWordsAndChangesNothing() throws Exception {
    assertRefused(image("refcount_bits=8"), version(2), "compat=0.10");
    assertRefused(image("compat=0.10"), lazy(true), "lazy_refcounts=on");
    assertRefused(image("compat=0.10"), refcountBits(8), "refcount_bits=8");
    assertRefused(image("extended_l2=on"), version(2), "compat=0.10");
    assertRefused(image("compat=1.1"), refcountBits(1), "refcount_bits=1");
    Path grown = image("compat=1.1");
    QemuImg.succeed("resize", grown, "2M");
    assertRefused(grown, version(2), "compat=0.10");
  }

  private void assertRefused(Path path, AmendOptions options, String qemu) throws Exception {
    byte[] before = Files.readAllBytes(path);
    String said = QemuImg.run("amend", "-f", "qcow2", "-o", qemu, path).output();
    String clause = said.lines().findFirst().orElseThrow().replace("qemu-img: ", "");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      if (clause.startsWith("Cannot decrease")) {
        // Which cluster it names depends on where things are.
        clause = clause.substring(0, clause.indexOf(':'));
      }
      assertThatThrownBy(() -> image.amend(options, Progress.NONE)).hasMessageContaining(clause);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
    Files.delete(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cluster_size=65536", "cluster_size=512", "compat=0.10"})
  void anotherBackingFileIsRecorded(String options) throws Exception {
    Path base = directory.resolve("base.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", base, SIZE);
    QemuIo.run(base, List.of("write -P 5 0 1M"));
    Path path = image(options);
    QemuImg.succeed("snapshot", "-d", "one", path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.changeBacking(Optional.of(new BackingReference("base.qcow2", Optional.of("qcow2"))));
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.succeed("info", path))
        .contains("backing file: base.qcow2")
        .contains("backing file format: qcow2");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      ByteBuffer one = ByteBuffer.allocate(1);
      image.read(SIZE - 1, one);
      assertThat(one.get(0)).isEqualTo((byte) 5);
      image.changeBacking(Optional.empty());
    }
    assertThat(QemuImg.succeed("info", path)).doesNotContain("backing");
    QemuImg.assertClean(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"compat=1.1", "compat=0.10"})
  void anotherBackingFileIsReadWhenTheImageIsOpenedAgain(String compat) throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", directory.resolve("old.qcow2"), SIZE);
    QemuIo.run(directory.resolve("old.qcow2"), List.of("write -P 5 0 1M"));
    QemuImg.succeed("create", "-f", "qcow2", directory.resolve("new.qcow2"), SIZE);
    QemuIo.run(directory.resolve("new.qcow2"), List.of("write -P 6 0 1M"));
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", compat, "-b", "old.qcow2", "-F", "qcow2", path);
    byte[] wanted = new byte[SIZE];
    Arrays.fill(wanted, (byte) 6);
    // The cluster of the small write was copied from the image that was below then.
    Arrays.fill(wanted, 0, 65536, (byte) 5);
    wanted[10] = 1;
    Arrays.fill(wanted, 131072, 196608, (byte) 0);
    BackingReference next = new BackingReference("new.qcow2", Optional.of("qcow2"));
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.changeBacking(Optional.of(next));
      assertThat(image.info().backing()).hasValue(next);
      image.write(10, ByteBuffer.wrap(new byte[] {1}));
      image.writeZeroes(131072, 65536, true);
      ByteBuffer last = ByteBuffer.allocate(1);
      image.read(SIZE - 1, last);
      assertThat(last.get(0)).isEqualTo((byte) 5);
    }
    QemuImg.assertClean(path);
    assertThat(Arrays.mismatch(QemuImg.contents(path), wanted)).isEqualTo(-1);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      byte[] all = new byte[SIZE];
      image.read(0, ByteBuffer.wrap(all));
      assertThat(Arrays.mismatch(all, wanted)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"compat=1.1", "compat=0.10"})
  void zeroesWrittenAfterABackingFileWasNamedHideIt(String compat) throws Exception {
    Path base = directory.resolve("base.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", base, SIZE);
    QemuIo.run(base, List.of("write -P 5 0 1M"));
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", compat, path, SIZE);
    QemuIo.run(path, List.of("write -P 1 0 64k"));
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.changeBacking(Optional.of(new BackingReference("base.qcow2", Optional.of("qcow2"))));
      image.writeZeroes(0, 131072, true);
    }
    QemuImg.assertClean(path);
    byte[] wanted = new byte[SIZE];
    Arrays.fill(wanted, 131072, SIZE, (byte) 5);
    assertThat(Arrays.mismatch(QemuImg.contents(path), wanted)).isEqualTo(-1);
  }

  @Test
  void anEmptiedImageGivesItsDataFileBackToTheHostAsQemusCommitDoes() throws Exception {
    Path base = directory.resolve("base.raw");
    Files.write(base, DiskModel.pattern(SIZE, 9));
    Path ours = overDataFile("ours", base);
    Path theirs = overDataFile("theirs", base);
    QemuImg.succeed("commit", theirs);
    OpenOptions options = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage image = DiskImage.open(ours, options);
        DiskImage data = DiskImage.open(dataFile("ours"), raw());
        DiskImage wanted = DiskImage.open(dataFile("theirs"), raw())) {
      assertThat(data.info().allocatedBytes()).isGreaterThan(wanted.info().allocatedBytes());
      image.makeEmpty();
      assertThat(data.info().allocatedBytes()).isEqualTo(wanted.info().allocatedBytes());
      assertThat(data.info().fileBytes()).isEqualTo(wanted.info().fileBytes());
      byte[] all = new byte[SIZE];
      image.read(0, ByteBuffer.wrap(all));
      image.write(10, ByteBuffer.wrap(new byte[] {4}));
    }
    QemuImg.assertClean(ours);
    byte[] now = Files.readAllBytes(base);
    now[10] = 4;
    assertThat(Arrays.mismatch(QemuImg.contents(ours), now)).isEqualTo(-1);
  }

  private Path dataFile(String name) {
    return directory.resolve(name + ".data");
  }

  private static OpenOptions raw() {
    return OpenOptions.defaults()
        .withFormat(ImageFormat.RAW)
        .withReadOnly(true)
        .withForceShare(true);
  }

  private Path overDataFile(String name, Path base) {
    Path path = directory.resolve(name + ".qcow2");
    String options = "data_file=" + dataFile(name);
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, "-b", base, "-F", "raw", path);
    QemuIo.run(path, List.of("write -P 1 0 600k", "write -P 2 900k 10k", "write -z 128k 64k"));
    return path;
  }

  @Test
  void anImageMadeEmptyReadsAsTheOneBelowAndIsSmall() throws Exception {
    Path base = directory.resolve("base.raw");
    Files.write(base, DiskModel.pattern(SIZE, 9));
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-b", base, "-F", "raw", path);
    QemuIo.run(path, List.of("write -P 1 0 900k", "write -z 64k 128k"));
    Path theirs = directory.resolve("theirs.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-b", base, "-F", "raw", theirs);
    OpenOptions options = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage image = DiskImage.open(path, options)) {
      image.makeEmpty();
      assertThat(Files.size(path)).isLessThanOrEqualTo(Files.size(theirs) + 65536);
      byte[] all = new byte[SIZE];
      image.read(0, ByteBuffer.wrap(all));
      assertThat(all).isEqualTo(DiskModel.pattern(SIZE, 9));
      image.write(10, ByteBuffer.wrap(new byte[] {4}));
    }
    QemuImg.assertClean(path);
    byte[] wanted = DiskModel.pattern(SIZE, 9);
    wanted[10] = 4;
    assertThat(QemuImg.contents(path)).isEqualTo(wanted);
  }

  @Test
  void snapshotsKeepTheirDataWhenTheImageIsMadeEmpty() throws Exception {
    Path path = image("cluster_size=4096");
    Path raw = directory.resolve("one.raw");
    QemuImg.succeed("convert", "-l", "one", "-O", "raw", path, raw);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.makeEmpty();
    }
    QemuImg.assertClean(path);
    assertThat(QemuImg.contents(path)).isEqualTo(new byte[SIZE]);
    QemuImg.succeed("snapshot", "-a", "one", path);
    assertThat(QemuImg.contents(path)).isEqualTo(Files.readAllBytes(raw));
  }
}
