package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.CutModel;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The dirty bit, lazy refcounts and the corrupt bit mean what they mean to QEMU. */
@NeedsQemu
class HealthBitsTest {
  private static final int INCOMPATIBLE_FEATURES = 72;
  private static final long DIRTY = 1;
  private static final long CORRUPT = 2;
  private static final int DISK = 2 << 20;
  private static final String LAZY = "lazy_refcounts=on,cluster_size=4096";

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void image() {
    QemuImg.require();
    path = directory.resolve("disk.qcow2");
  }

  private long features() throws Exception {
    return ByteBuffer.wrap(Files.readAllBytes(path)).getLong(INCOMPATIBLE_FEATURES);
  }

  private void patch(int at, long value) throws Exception {
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer.wrap(bytes).putLong(at, value);
    Files.write(path, bytes);
  }

  /** What a crash leaves of an image that was written to with lazy refcounts. */
  private DiskModel crashed() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", "-o", LAZY, path, DISK);
    DiskModel model = new DiskModel(DISK);
    MemoryFile file = new MemoryFile(MemoryFile.load(path));
    DiskImage image = DiskImage.open(file, OpenOptions.defaults());
    for (int i = 0; i < 40; i++) {
      model.write(image, i * 50_000L, 5000, i);
    }
    image.flush();
    Files.write(path, file.bytes());
    return model;
  }

  @Test
  void lazyRefcountsLagBehindUntilTheImageIsClosed() throws Exception {
    DiskModel model = crashed();
    assertThat(features()).isEqualTo(DIRTY);
    assertThat(QemuImg.check(path)).isEqualTo(QemuImg.Check.CORRUPT);
    // QEMU itself mends it on opening.
    Path copy = directory.resolve("copy.qcow2");
    Files.copy(path, copy);
    model.assertEquals(QemuImg.contents(copy));
    QemuImg.succeed("check", "-r", "all", copy);
    QemuImg.assertClean(copy);
  }

  @Test
  void closingWritesTheRefcountsAndThenClearsTheDirtyBit() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", "-o", LAZY, path, DISK);
    DiskModel model = new DiskModel(DISK);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      assertThat(features()).isZero();
      image.read(0, ByteBuffer.allocate(512));
      assertThat(features()).as("reading").isZero();
      model.write(image, 5000, 1_000_000, 1);
      assertThat(features()).as("writing").isEqualTo(DIRTY);
      model.discard(image, 40_000, 300_000);
      image.flush();
      model.write(image, 60_000, 100_000, 2);
    }
    assertThat(features()).isZero();
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
    assertThat(QemuImg.succeed("info", path)).contains("lazy refcounts: true");
  }

  @Test
  void theOptionOverridesTheImage() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", "-o", LAZY, path, DISK);
    OpenOptions options = OpenOptions.defaults();
    try (DiskImage image = DiskImage.open(path, options.withLazyRefcounts(Optional.of(false)))) {
      image.write(0, ByteBuffer.allocate(100_000));
      image.flush();
      Path copy = directory.resolve("copy.qcow2");
      Files.copy(path, copy);
      QemuImg.assertClean(copy);
      assertThat(features()).isZero();
    }
    QemuImg.succeed("create", "-f", "qcow2", "-o", "compat=0.10", path, DISK);
    ImageException e =
        catchThrowableOfType(
            ImageException.class,
            () -> DiskImage.open(path, options.withLazyRefcounts(Optional.of(true))).close());
    assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION);
  }

  @Test
  void aDirtyImageIsMendedWhenItIsOpenedForWriting() throws Exception {
    DiskModel model = crashed();
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      assertThat(features()).isZero();
      model.assertWholeDisk(image);
      model.write(image, 1_234_567, 100_000, 77);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }

  @Test
  void aDirtyImageIsReadAsItIs() throws Exception {
    DiskModel model = crashed();
    byte[] before = Files.readAllBytes(path);
    OpenOptions options = OpenOptions.defaults();
    for (OpenOptions way :
        new OpenOptions[] {options.withReadOnly(true), options.withSnapshot(true)}) {
      try (DiskImage image = DiskImage.open(path, way)) {
        model.assertWholeDisk(image);
        assertThat(image.info().dirty()).isTrue();
      }
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
  }

  @Test
  void aDirtyImageThatCannotBeMendedIsNotOpenedForWriting() throws Exception {
    crashed();
    // A snapshot table beyond all limits is not looked at, so the check cannot go on.
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer.wrap(bytes).putLong(64, 65536).putInt(60, 1);
    ByteBuffer.wrap(bytes).putInt(65536 + 36, 1 << 30);
    Files.write(path, bytes);
    ImageException e =
        catchThrowableOfType(
            ImageException.class, () -> DiskImage.open(path, OpenOptions.defaults()).close());
    QemuImg.Result theirs = QemuImg.run("resize", path, "+1M");
    assertThat(e == null).as(theirs.output()).isEqualTo(theirs.exitCode() == 0);
  }

  /** A power cut anywhere: the image is dirty at most, and holds what was flushed. */
  @ParameterizedTest
  @ValueSource(strings = {"512", "4096"})
  void anyCutLeavesAnImageThatIsMendedOnOpening(String clusterSize) throws Exception {
    String o = "lazy_refcounts=on,cluster_size=" + clusterSize;
    QemuImg.succeed("create", "-f", "qcow2", "-o", o, path, "1M");
    RecordingFile file = new RecordingFile(MemoryFile.load(path));
    CutModel model = new CutModel(new byte[1 << 20]);
    SplittableRandom random = new SplittableRandom(11);
    OpenOptions small = OpenOptions.defaults().withL2CacheSize(1024).withL2CacheEntrySize(512);
    try (DiskImage image = DiskImage.open(file, small)) {
      for (int i = 0; i < 120; i++) {
        int length = 1 + random.nextInt(20_000);
        int at = random.nextInt((1 << 20) - length);
        byte[] data = i % 4 == 0 ? new byte[length] : DiskModel.pattern(length, i);
        model.begin(file.events(), at, data);
        if (i % 4 == 0) {
          image.writeZeroes(at, length, true);
        } else {
          image.write(at, ByteBuffer.wrap(data));
        }
        if (i % 7 == 0) {
          image.flush();
          model.flushed(file.events());
        }
      }
    }
    model.flushed(file.events());
    for (int i = 0; i < 60; i++) {
      int cut = random.nextInt(file.events() + 1);
      checkCut(i % 2 == 0 ? file.cutAt(cut) : file.cutAt(cut, random), cut, model, i % 4 == 0);
    }
  }

  private void checkCut(byte[] left, int cut, CutModel model, boolean oracle) throws Exception {
    byte[] found = new byte[1 << 20];
    MemoryFile file = new MemoryFile(left);
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      image.read(0, ByteBuffer.wrap(found));
    }
    model.assertAllowed(cut, found);
    if (oracle) {
      Files.write(path, file.bytes());
      assertThat(QemuImg.check(path))
          .as("cut %d", cut)
          .isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
      assertThat(QemuImg.contents(path)).isEqualTo(found);
    }
  }

  /** An image whose first L2 entry points at metadata. */
  private void pointFirstEntryAt(int headerField, String compat) throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", "-o", "cluster_size=4096," + compat, path, DISK);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.allocate(4096));
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
    long l2 = bytes.getLong((int) bytes.getLong(40)) & 0x00ff_ffff_ffff_fe00L;
    patch((int) l2, 1L << 63 | bytes.getLong(headerField));
  }

  @ParameterizedTest
  @CsvSource({"40, active L1 table", "48, refcount table"})
  void aWriteThatWouldHitMetadataMarksTheImageCorrupt(int field, String name) throws Exception {
    pointFirstEntryAt(field, "compat=1.1");
    Path theirs = directory.resolve("theirs.qcow2");
    Files.copy(path, theirs);
    byte[] metadata = Files.readAllBytes(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      ImageException e =
          catchThrowableOfType(
              ImageException.class, () -> image.write(0, ByteBuffer.allocate(512)));
      assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
      assertThat(e)
          .hasMessageContaining(
              "Preventing invalid write on metadata (overlaps with " + name + ")");
      // From now on nothing is written, wherever it is.
      e =
          catchThrowableOfType(
              ImageException.class, () -> image.write(1_000_000, ByteBuffer.allocate(512)));
      assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
      image.read(1_000_000, ByteBuffer.allocate(512));
    }
    assertThat(features()).isEqualTo(CORRUPT);
    ByteBuffer.wrap(metadata).putLong(INCOMPATIBLE_FEATURES, CORRUPT);
    assertThat(Files.readAllBytes(path)).isEqualTo(metadata);
    QemuImg.Result io = QemuImg.run("resize", path, "+1M");
    assertThat(io.output()).contains("Image is corrupt; cannot be opened read/write");
  }

  @Test
  void aVersion2ImageIsNotWrittenToAfterwardsEither() throws Exception {
    pointFirstEntryAt(40, "compat=0.10");
    byte[] before = Files.readAllBytes(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      for (long at : new long[] {0, 1_000_000}) {
        assertThat(
                catchThrowableOfType(
                    ImageException.class, () -> image.write(at, ByteBuffer.allocate(512))))
            .isNotNull();
      }
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
  }

  @Test
  void aCorruptImageIsReadOnlyUntilARepair() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", path, DISK);
    DiskModel model = new DiskModel(DISK);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.write(image, 5000, 100_000, 1);
    }
    patch(INCOMPATIBLE_FEATURES, CORRUPT);
    ImageException e =
        catchThrowableOfType(
            ImageException.class, () -> DiskImage.open(path, OpenOptions.defaults()).close());
    assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
    assertThat(e.offset()).isEqualTo(INCOMPATIBLE_FEATURES);
    assertThat(QemuImg.run("resize", path, "+1M").output())
        .contains(e.getMessage().substring(e.getMessage().indexOf("Image is corrupt")));
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults().withReadOnly(true))) {
      model.assertWholeDisk(image);
    }
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults().withForCheck(true))) {
      assertThat(image.check(Repair.NONE).clean()).isTrue();
      assertThat(features()).isEqualTo(CORRUPT);
      assertThat(image.check(Repair.ALL).clean()).isTrue();
    }
    assertThat(features()).isZero();
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.write(image, 1, 10, 3);
    }
    model.assertEquals(QemuImg.contents(path));
  }

  @Test
  void anOpenImageIsMendedAndGoesOn() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", "-o", "cluster_size=4096", path, DISK);
    DiskModel model = new DiskModel(DISK);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.write(image, 5000, 300_000, 1);
    }
    // A leak, far behind what is in use.
    byte[] bytes = Arrays.copyOf(Files.readAllBytes(path), 1 << 20);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int block = (int) header.getLong((int) header.getLong(48));
    header.putShort(block + 2 * 200, (short) 1);
    Files.write(path, bytes);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      model.write(image, 400_000, 5000, 2);
      CheckReport report = image.check(Repair.NONE);
      assertThat(report.leaks()).isEqualTo(1);
      report = image.check(Repair.LEAKS);
      assertThat(report.leaksFixed()).isEqualTo(1);
      assertThat(report.clean()).isTrue();
      model.write(image, 500_000, 900_000, 3);
      model.assertWholeDisk(image);
    }
    QemuImg.assertClean(path);
    model.assertEquals(QemuImg.contents(path));
  }
}
