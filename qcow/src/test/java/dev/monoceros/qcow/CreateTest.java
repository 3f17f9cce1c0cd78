package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What we create is to qemu-img what qemu-img creates with the same options. */
@NeedsQemu
class CreateTest {
  private static final long SIZE = (5 << 20) + 512;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  private static CreateOptions plain() {
    return CreateOptions.qcow2(SIZE);
  }

  static Stream<Arguments> options() {
    return Stream.of(
        Arguments.of("compat=1.1", plain()),
        Arguments.of("compat=0.10", plain().withVersion(2)),
        Arguments.of("cluster_size=512", plain().withClusterSize(512)),
        Arguments.of("cluster_size=4096", plain().withClusterSize(4096)),
        Arguments.of("cluster_size=2M", plain().withClusterSize(2 << 20)),
        Arguments.of("refcount_bits=1", plain().withRefcountBits(1)),
        Arguments.of("refcount_bits=64", plain().withRefcountBits(64)),
        Arguments.of("lazy_refcounts=on", plain().withLazyRefcounts(true)),
        Arguments.of("compression_type=zstd", plain().withCompressionType(CompressionType.ZSTD)),
        Arguments.of("preallocation=metadata", plain().withPreallocation(Preallocation.METADATA)),
        Arguments.of("extended_l2=on", plain().withExtendedL2(true)),
        Arguments.of(
            "extended_l2=on,preallocation=metadata",
            plain().withExtendedL2(true).withPreallocation(Preallocation.METADATA)),
        Arguments.of("preallocation=falloc", plain().withPreallocation(Preallocation.FALLOC)),
        Arguments.of("preallocation=full", plain().withPreallocation(Preallocation.FULL)),
        Arguments.of(
            "preallocation=full,cluster_size=1024,refcount_bits=64",
            plain()
                .withPreallocation(Preallocation.FULL)
                .withClusterSize(1024)
                .withRefcountBits(64)));
  }

  @ParameterizedTest
  @MethodSource("options")
  void qemuImgSeesTheSameImage(String qemu, CreateOptions options) throws Exception {
    Path theirs = directory.resolve("a/disk.qcow2");
    Path ours = directory.resolve("b/disk.qcow2");
    Files.createDirectory(theirs.getParent());
    Files.createDirectory(ours.getParent());
    QemuImg.succeed("create", "-f", "qcow2", "-o", qemu, theirs, SIZE);
    try (DiskImage image = DiskImage.create(ours, options)) {
      assertThat(image.size()).isEqualTo(SIZE);
    }
    QemuImg.assertClean(ours);
    assertThat(info(ours)).isEqualTo(info(theirs));
    assertThat(map(ours)).isEqualTo(map(theirs));
    assertThat(firstFields(ours)).isEqualTo(firstFields(theirs));
    try (DiskImage image = DiskImage.open(theirs, OpenOptions.defaults());
        DiskImage same = DiskImage.open(ours, OpenOptions.defaults())) {
      assertThat(same.info().qcow2()).isEqualTo(image.info().qcow2());
    }
  }

  /** Magic to the sizes, and version 3's feature bits to the end of the extensions. */
  private static String firstFields(Path image) throws IOException {
    byte[] bytes = Files.readAllBytes(image);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 512; i++) {
      if (i < 40 || i >= 60) {
        text.append(String.format("%02x", bytes[i]));
      }
    }
    return text.toString();
  }

  private static String info(Path image) {
    return QemuImg.succeed("info", image)
        .replace(image.toString(), "")
        .replaceAll("disk size: .*", "");
  }

  /** Without places in the file, which may differ, and with neighbours joined. */
  private static String map(Path image) {
    String json = QemuImg.succeed("map", "--output=json", image);
    StringBuilder joined = new StringBuilder();
    String last = "";
    for (String line : json.split("\n")) {
      String kind = line.replaceAll(".*\"depth\"", "").replaceAll(", \"offset\": \\d+", "");
      kind = kind.replaceAll("\"zero\": (true|false), \"data\": true", "\"data\": true");
      kind = kind.replaceAll("}[,\\]]?", "");
      if (!kind.equals(last)) {
        joined.append(kind).append('\n');
      }
      last = kind;
    }
    return joined.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "falloc", "full"})
  void aRawImageIsPreallocated(String mode) throws Exception {
    Path path = directory.resolve("disk.raw");
    Preallocation preallocation = Preallocation.valueOf(mode.toUpperCase(Locale.ROOT));
    try (DiskImage image =
        DiskImage.create(path, CreateOptions.raw(SIZE).withPreallocation(preallocation))) {
      assertThat(image.size()).isEqualTo(SIZE);
    }
    assertThat(Files.size(path)).isEqualTo(SIZE);
    Path theirs = directory.resolve("theirs.raw");
    QemuImg.succeed("create", "-f", "raw", "-o", "preallocation=" + mode, theirs, SIZE);
    if (preallocation != Preallocation.OFF) {
      assertThat(diskSize(path)).isEqualTo(diskSize(theirs));
    }
  }

  private static String diskSize(Path image) {
    return QemuImg.succeed("info", "-f", "raw", image).replaceAll("(?s).*disk size: ", "");
  }

  @Test
  void whatQemuRefusesIsRefusedInItsWords() {
    assertRefused("compat=0.10,lazy_refcounts=on", plain().withVersion(2).withLazyRefcounts(true));
    assertRefused("compat=0.10,refcount_bits=8", plain().withVersion(2).withRefcountBits(8));
    assertRefused("refcount_bits=3", plain().withRefcountBits(3));
    assertRefused("cluster_size=1000", plain().withClusterSize(1000));
    assertRefused("cluster_size=4M", plain().withClusterSize(4 << 20));
    assertRefused(
        "extended_l2=on,cluster_size=4k", plain().withExtendedL2(true).withClusterSize(4096));
    assertRefused("extended_l2=on,compat=0.10", plain().withExtendedL2(true).withVersion(2));
    assertRefused("data_file_raw=on", plain().withDataFileRaw(true));
    assertRefused(
        "compat=0.10,compression_type=zstd",
        plain().withVersion(2).withCompressionType(CompressionType.ZSTD));
    assertRefused(
        "preallocation=metadata,backing_file=x,backing_fmt=qcow2",
        plain()
            .withPreallocation(Preallocation.METADATA)
            .withBacking(Optional.of(new BackingReference("x", Optional.of("qcow2")))));
  }

  private void assertRefused(String qemu, CreateOptions options) {
    Path path = directory.resolve("refused.qcow2");
    String said = QemuImg.run("create", "-u", "-q", "-f", "qcow2", "-o", qemu, path, SIZE).output();
    assertThat(said).startsWith("qemu-img: ");
    String clause = said.strip().replace("qemu-img: " + path + ": ", "");
    assertThatThrownBy(() -> DiskImage.create(path, options)).hasMessageEndingWith(": " + clause);
    assertThat(Files.exists(path)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "false, OFF, ''",
    "true, OFF, ',data_file_raw=on'",
    "false, METADATA, ',preallocation=metadata'",
    "true, FULL, ',data_file_raw=on,preallocation=full'"
  })
  void anExternalDataFileIsCreatedWithTheImage(boolean raw, Preallocation mode, String qemu)
      throws Exception {
    Path theirs = directory.resolve("theirs.qcow2");
    Path ours = directory.resolve("ours.qcow2");
    Path theirData = directory.resolve("theirs.raw");
    Path ourData = directory.resolve("ours.raw");
    QemuImg.succeed("create", "-f", "qcow2", "-o", "data_file=" + theirData + qemu, theirs, SIZE);
    CreateOptions options =
        plain().withDataFile(Optional.of(ourData)).withDataFileRaw(raw).withPreallocation(mode);
    try (DiskImage image = DiskImage.create(ours, options)) {
      image.write(1 << 20, ByteBuffer.wrap(DiskModel.pattern(70_000, 1)));
    }
    try (DiskImage image =
        DiskImage.open(theirs, OpenOptions.defaults().withDataFile(Optional.of(theirData)))) {
      image.write(1 << 20, ByteBuffer.wrap(DiskModel.pattern(70_000, 1)));
    }
    QemuImg.assertClean(ours);
    assertThat(Files.size(ourData)).isEqualTo(Files.size(theirData));
    assertThat(info(ours)).isEqualTo(info(theirs).replace("theirs", "ours"));
    assertThat(map(ours)).isEqualTo(map(theirs).replace("theirs", "ours"));
    assertThat(Arrays.mismatch(QemuImg.contents(ours), QemuImg.contents(theirs))).isEqualTo(-1);
    if (raw) {
      byte[] disk = Arrays.copyOf(Files.readAllBytes(ourData), (int) SIZE);
      assertThat(Arrays.mismatch(disk, QemuImg.contents(ours))).isEqualTo(-1);
    }
  }

  @Test
  void aBackingFileIsRecordedAndRead() throws Exception {
    Path base = directory.resolve("base.raw");
    Files.write(base, DiskModel.pattern((int) SIZE, 1));
    Path ours = directory.resolve("ours.qcow2");
    BackingReference reference = new BackingReference("base.raw", Optional.of("raw"));
    try (DiskImage image = DiskImage.create(ours, plain().withBacking(Optional.of(reference)))) {
      image.write(100, ByteBuffer.wrap(new byte[10]));
      assertThat(image.info().backing()).contains(reference);
    }
    Path theirs = directory.resolve("theirs.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-b", "base.raw", "-F", "raw", theirs);
    assertThat(info(ours)).isEqualTo(info(theirs));
    byte[] wanted = DiskModel.pattern((int) SIZE, 1);
    Arrays.fill(wanted, 100, 110, (byte) 0);
    assertThat(Arrays.mismatch(QemuImg.contents(ours), wanted)).isEqualTo(-1);
    QemuImg.assertClean(ours);
  }

  @Test
  void anImageOverAMissingFileIsCreatedButNotWritten() throws Exception {
    Path ours = directory.resolve("ours.qcow2");
    BackingReference missing = new BackingReference("missing.qcow2", Optional.of("qcow2"));
    try (DiskImage image = DiskImage.create(ours, plain().withBacking(Optional.of(missing)))) {
      assertThat(image.readOnly()).isTrue();
    }
    assertThat(Files.exists(ours)).isTrue();
  }
}
