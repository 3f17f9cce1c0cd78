package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.FaultyFile;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** QCOW version 1, both ways against qemu-img. */
@NeedsQemu
class Qcow1Test {
  /** Several L2 tables, and not a whole number of clusters. */
  private static final int SIZE = (9 << 20) + 1536;

  private static final OpenOptions V1 =
      OpenOptions.defaults().withFormat(ImageFormat.QCOW).withBacking(BackingPolicy.ALLOW);

  @TempDir Path directory;
  private Path path;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  @BeforeEach
  void place() {
    path = directory.resolve("disk.qcow");
  }

  static byte[] contents(Path image) throws Exception {
    Path raw = image.resolveSibling("contents.raw");
    QemuImg.succeed("convert", "-f", "qcow", "-O", "raw", image, raw);
    byte[] bytes = Files.readAllBytes(raw);
    Files.delete(raw);
    return bytes;
  }

  /** QEMU 7.2 writes the whole image and then exits with 1: its driver refuses the closing call. */
  private static void convertCompressed(Path raw, Path target) throws Exception {
    QemuImg.run("convert", "-c", "-f", "raw", "-O", "qcow", raw, target);
    assertThat(contents(target)).isEqualTo(Files.readAllBytes(raw));
  }

  private static void scatter(DiskImage image, DiskModel model, int count) throws ImageException {
    SplittableRandom random = new SplittableRandom(count);
    for (int i = 0; i < count; i++) {
      int length = 1 + random.nextInt(random.nextInt(4) == 0 ? 90_000 : 6000);
      int offset = random.nextInt(model.size() - length);
      switch (random.nextInt(7)) {
        case 0 -> model.writeZeroes(image, offset, length, true);
        case 1 -> image.flush();
        case 2 -> image.discard(offset, length);
        default -> model.write(image, offset, length, i);
      }
      model.assertRead(image, offset, length);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatQemuWroteReadsTheSameAndQemuReadsWhatWeWriteThere(boolean packed) throws Exception {
    DiskModel model = new DiskModel(SIZE);
    model.put(0, CompressedClustersTest.mixedData(SIZE, 4));
    Path raw = Files.write(directory.resolve("origin.raw"), model.bytes());
    if (packed) {
      convertCompressed(raw, path);
    } else {
      QemuImg.succeed("convert", "-f", "raw", "-O", "qcow", raw, path);
    }
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      assertThat(image.format()).isEqualTo(ImageFormat.QCOW);
      model.assertWholeDisk(image);
      scatter(image, model, 150);
      model.assertWholeDisk(image);
    }
    model.assertEquals(contents(path));
  }

  @Test
  void theEmptyImageIsByteForByteThatOfQemu() throws Exception {
    for (String size : new String[] {"1M", "10M", "777M", "70G"}) {
      Path theirs = directory.resolve("theirs.qcow");
      QemuImg.succeed("create", "-q", "-f", "qcow", theirs, size);
      long bytes = diskSize(theirs);
      CreateOptions options =
          CreateOptions.qcow2(bytes).withFormat(ImageFormat.QCOW).withOverwrite(true);
      DiskImage.create(path, options).close();
      assertThat(path).hasSameBinaryContentAs(theirs);
    }
  }

  private static long diskSize(Path image) throws ImageException {
    try (DiskImage opened = DiskImage.open(image, V1.withReadOnly(true))) {
      return opened.size();
    }
  }

  @Test
  void anImageOfOursIsReadByQemuAndWrittenOnByUs() throws Exception {
    DiskModel model = new DiskModel(SIZE);
    CreateOptions options = CreateOptions.qcow2(SIZE).withFormat(ImageFormat.QCOW);
    try (DiskImage image = DiskImage.create(path, options)) {
      scatter(image, model, 200);
    }
    model.assertEquals(contents(path));
    QemuImg.succeed("info", "-f", "qcow", path);
    try (DiskImage image = DiskImage.open(path, V1)) {
      scatter(image, model, 100);
      model.assertWholeDisk(image);
    }
    model.assertEquals(contents(path));
  }

  @Test
  void whatWeCompressedIsReadByQemuAndNotMuchLargerThanItsOwn() throws Exception {
    byte[] data = CompressedClustersTest.mixedData(SIZE, 8);
    DiskModel model = new DiskModel(SIZE);
    model.put(0, data);
    Path raw = Files.write(directory.resolve("origin.raw"), data);
    Path theirs = directory.resolve("theirs.qcow");
    convertCompressed(raw, theirs);
    CreateOptions options = CreateOptions.qcow2(SIZE).withFormat(ImageFormat.QCOW);
    try (DiskImage image = DiskImage.create(path, options)) {
      image.writeCompressed(0, ByteBuffer.wrap(data));
      model.assertWholeDisk(image);
      assertThat(
              catchThrowableOfType(
                      ImageException.class,
                      () -> image.writeCompressed(0, ByteBuffer.wrap(data, 0, 4096)))
                  .kind())
          .isEqualTo(ErrorKind.IO);
    }
    model.assertEquals(contents(path));
    // Ours holds the zeros that QEMU's convert leaves out: 30 bytes for each cluster, or so.
    assertThat(Files.size(path)).isLessThan(Files.size(theirs) * 103 / 100 + SIZE / 4096 * 30);
  }

  @ParameterizedTest
  @CsvSource({"raw", "qcow2", "qcow"})
  void aBackingFileShowsWhereTheImageHoldsNothing(String format) throws Exception {
    DiskModel model = new DiskModel(SIZE);
    model.put(0, DiskModel.pattern(SIZE / 2, 3));
    Path raw = Files.write(directory.resolve("origin.raw"), model.bytes());
    Path base = directory.resolve("base");
    QemuImg.succeed("convert", "-f", "raw", "-O", format, raw, base);
    QemuImg.succeed("create", "-q", "-f", "qcow", "-b", base, "-F", format, path, SIZE);
    try (DiskImage image = DiskImage.open(path, V1)) {
      model.assertWholeDisk(image);
      scatter(image, model, 120);
      model.assertWholeDisk(image);
      assertThat(image.backing()).isPresent();
      assertThat(image.info().backing())
          .hasValue(new BackingReference(base.toString(), Optional.empty()));
    }
    model.assertEquals(contents(path));
    try (DiskImage image = DiskImage.open(path, V1)) {
      image.makeEmpty();
    }
    assertThat(contents(path)).isEqualTo(Files.readAllBytes(raw));
  }

  @Test
  void aBackingFileWhoseFormatIsUnknownIsRefusedUnlessAllowed() throws Exception {
    QemuImg.succeed("create", "-q", "-f", "raw", directory.resolve("base"), SIZE);
    CreateOptions options =
        CreateOptions.qcow2(SIZE)
            .withFormat(ImageFormat.QCOW)
            .withBacking(Optional.of(new BackingReference("base", Optional.empty())));
    DiskImage.create(path, options).close();
    assertThat(QemuImg.succeed("info", "-f", "qcow", path)).contains("backing file: base");
    ImageException e =
        catchThrowableOfType(
            ImageException.class, () -> DiskImage.open(path, OpenOptions.defaults()).close());
    assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
  }

  @Test
  void theExtentsAreThoseThatQemuMaps() throws Exception {
    CreateOptions options = CreateOptions.qcow2(SIZE).withFormat(ImageFormat.QCOW);
    try (DiskImage image = DiskImage.create(path, options)) {
      image.write(0, ByteBuffer.wrap(DiskModel.pattern(100_000, 1)));
      image.write(3 << 20, ByteBuffer.wrap(DiskModel.pattern(5000, 1)));
      image.writeCompressed(5 << 20, ByteBuffer.allocate(8192));
    }
    StringBuilder ours = new StringBuilder();
    try (DiskImage image = DiskImage.open(path, V1.withReadOnly(true))) {
      for (long at = 0; at < SIZE; ) {
        Extent e = image.extent(at, SIZE - at);
        long end = e.end();
        // qemu-img joins neighbours that differ in nothing it prints.
        while (end < SIZE && e.compressed() && image.extent(end, 1).compressed()) {
          end = image.extent(end, SIZE - end).end();
        }
        ours.append("%d+%d %s %s %d%n".formatted(at, end - at, e.zero(), e.data(), e.fileOffset()));
        at = end;
      }
    }
    String theirs = QemuImg.succeed("map", "--output=json", "-f", "qcow", path);
    StringBuilder wanted = new StringBuilder();
    for (String row : theirs.split("\n")) {
      String offset =
          row.contains("offset") ? row.replaceAll(".*\"offset\": (\\d+).*", "$1") : "-1";
      wanted.append(
          "%s+%s %s %s %s%n"
              .formatted(
                  row.replaceAll(".*\"start\": (\\d+).*", "$1"),
                  row.replaceAll(".*\"length\": (\\d+).*", "$1"),
                  row.replaceAll(".*\"zero\": (\\w+).*", "$1"),
                  row.replaceAll(".*\"data\": (\\w+).*", "$1"),
                  offset));
    }
    assertThat(ours).hasToString(wanted.toString());
  }

  @ParameterizedTest
  @CsvSource({"Input/output error", "No space left on device"})
  void everyFailedAccessSurfacesAndARetrySucceeds(String errno) throws Exception {
    QemuImg.succeed("create", "-q", "-f", "qcow", path, SIZE);
    FaultyFile file = new FaultyFile(MemoryFile.load(path));
    DiskModel model = new DiskModel(SIZE);
    SplittableRandom random = new SplittableRandom(3);
    int faults = 0;
    try (DiskImage image = DiskImage.open(file, V1)) {
      for (int i = 0; i < 500; i++) {
        int length = 1 + random.nextInt(9000);
        int offset = random.nextInt(SIZE - length);
        file.failAfter(random.nextInt(5), 1, errno);
        try {
          model.write(image, offset, length, i);
          if (i % 9 == 0) {
            image.flush();
          }
        } catch (ImageException e) {
          faults++;
          file.heal();
          model.write(image, offset, length, i);
        }
        file.heal();
        model.assertRead(image, offset, length);
      }
      model.assertWholeDisk(image);
    }
    assertThat(faults).isGreaterThan(60);
    Files.write(path, file.bytes());
    model.assertEquals(contents(path));
  }

  @ParameterizedTest
  @CsvSource({
    "33, 5, L2 table size must be between 512 and 64k",
    "32, 17, Cluster size must be between 512 and 64k",
    "39, 2, invalid encryption method in qcow header",
    "24, 64, Image too large",
    "7, 3, qcow (v1) does not support qcow version 3",
    "18, 255, Backing file name too long",
  })
  void aBadHeaderIsRefusedInQemusWords(int at, int value, String sentence) throws Exception {
    QemuImg.succeed("create", "-q", "-f", "qcow", path, "1M");
    byte[] bytes = Files.readAllBytes(path);
    bytes[at] = (byte) value;
    if (at == 18) {
      bytes[15] = 48;
    }
    Files.write(path, bytes);
    ImageException e =
        catchThrowableOfType(ImageException.class, () -> DiskImage.open(path, V1).close());
    assertThat(e.sentence()).isEqualTo(sentence);
    assertThat(QemuImg.run("info", "-f", "qcow", path).output()).contains(sentence);
  }

  @Test
  void anEncryptedImageIsNeverServed() throws Exception {
    QemuImg.succeed("create", "-q", "-f", "qcow", path, "1M");
    byte[] bytes = Files.readAllBytes(path);
    bytes[39] = 1;
    Files.write(path, bytes);
    ImageException e =
        catchThrowableOfType(ImageException.class, () -> DiskImage.open(path, V1).close());
    assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
    assertThat(e).hasMessageContaining("encrypted");
  }
}
