package dev.monoceros.qcow.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.FaultyFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsQemu
class DiskConverterTest {
  private static final int MIB = 1 << 20;
  private static final int SECTOR = 512;

  private static ExecutorService executor;

  @TempDir Path directory;

  @BeforeAll
  static void start() {
    executor = Executors.newFixedThreadPool(2);
    QemuImg.require();
  }

  @AfterAll
  static void stop() {
    executor.shutdownNow();
  }

  @ParameterizedTest
  @CsvSource({
    "512, 4096",
    "512, 512",
    "512, 1536",
    "512, 65536",
    "4096, 4096",
    "65536, 4096",
    "65536, 0"
  })
  void findsTheZerosThatQemuImgFinds(long clusterSize, long minSparse) throws Exception {
    byte[] disk = patchy(3 * MIB + 5 * SECTOR, clusterSize + minSparse);
    Path raw = write("source.raw", disk);
    Path theirs = directory.resolve("theirs.qcow2");
    String o = "cluster_size=" + clusterSize;
    QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", "-o", o, "-S", minSparse, raw, theirs);
    Path ours = directory.resolve("ours.qcow2");
    CreateOptions create = CreateOptions.qcow2(disk.length).withClusterSize(clusterSize);
    ConvertOptions options =
        ConvertOptions.toNewImage().withMinSparse(minSparse).withTargetIsZero(minSparse > 0);
    convert(raw, ImageFormat.RAW, ours, create, options);
    QemuImg.assertClean(ours);
    assertThat(map(ours)).isEqualTo(map(theirs));
    assertThat(QemuImg.contents(ours)).isEqualTo(disk);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void bothDirectionsKeepEveryByte(int seed) throws Exception {
    byte[] disk = patchy(2 * MIB + 3 * SECTOR, seed);
    Path raw = write("source.raw", disk);
    Path qcow2 = directory.resolve("a.qcow2");
    QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
    Path back = directory.resolve("b.raw");
    convert(
        qcow2,
        ImageFormat.QCOW2,
        back,
        CreateOptions.raw(disk.length),
        ConvertOptions.toNewImage());
    assertThat(Files.readAllBytes(back)).isEqualTo(disk);
  }

  @Test
  void sourcesAreReadOneAfterTheOther() throws Exception {
    byte[] first = patchy(MIB + SECTOR, 1);
    byte[] second = patchy(MIB / 2 + SECTOR, 2);
    Path target = directory.resolve("target.qcow2");
    try (DiskImage a = open(write("a.raw", first), ImageFormat.RAW);
        DiskImage b = open(write("b.raw", second), ImageFormat.RAW);
        DiskImage t =
            DiskImage.create(target, CreateOptions.qcow2(DiskConverter.sizeOf(List.of(a, b))))) {
      new DiskConverter(List.of(a, b), t, ConvertOptions.toNewImage(), executor, 2)
          .run(CopyListener.NONE);
    }
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    assertThat(QemuImg.contents(target)).isEqualTo(all);
  }

  @Test
  void aRawDiskThatEndsWithinASectorIsFilledUpWithZeros() throws Exception {
    byte[] disk = DiskModel.pattern(MIB + 100, 5);
    Path target = directory.resolve("target.qcow2");
    try (DiskImage a = open(write("a.raw", disk), ImageFormat.RAW)) {
      assertThat(DiskConverter.sizeOf(List.of(a))).isEqualTo(MIB + SECTOR);
    }
    convert(
        directory.resolve("a.raw"),
        ImageFormat.RAW,
        target,
        CreateOptions.qcow2(MIB + SECTOR),
        ConvertOptions.toNewImage());
    assertThat(QemuImg.contents(target)).isEqualTo(Arrays.copyOf(disk, MIB + SECTOR));
  }

  @Test
  void overAnExistingImageZerosAreWritten() throws Exception {
    Path target = directory.resolve("target.qcow2");
    byte[] old = DiskModel.pattern(2 * MIB, 7);
    QemuImg.succeed("convert", "-f", "raw", "-O", "qcow2", write("old.raw", old), target);
    byte[] disk = patchy(MIB, 8);
    try (DiskImage a = open(write("a.raw", disk), ImageFormat.RAW);
        DiskImage t = DiskImage.open(target, OpenOptions.defaults())) {
      new DiskConverter(List.of(a), t, ConvertOptions.toExistingImage(), executor, 1)
          .run(CopyListener.NONE);
    }
    System.arraycopy(disk, 0, old, 0, disk.length);
    assertThat(QemuImg.contents(target)).isEqualTo(old);
    QemuImg.assertClean(target);
  }

  @Test
  void everyByteThatIsReadOrWrittenCountsAsProgress() throws Exception {
    Path raw = write("a.raw", patchy(5 * MIB, 3));
    List<Long> seen = new ArrayList<>();
    List<Long> totals = new ArrayList<>();
    CopyListener listener =
        (done, total) -> {
          seen.add(done);
          totals.add(total);
        };
    try (DiskImage a = open(raw, ImageFormat.RAW);
        DiskImage t = DiskImage.create(directory.resolve("t"), CreateOptions.qcow2(5 * MIB))) {
      new DiskConverter(List.of(a), t, ConvertOptions.toNewImage(), Runnable::run, 1).run(listener);
    }
    assertThat(seen).isSorted().isNotEmpty();
    assertThat(totals).containsOnly(seen.getLast());
  }

  @Test
  void anUnreadableStretchStopsTheCopyAndSaysWhere() throws Exception {
    byte[] disk = DiskModel.pattern(5 * MIB, 3);
    FaultyFile file = new FaultyFile(disk);
    try (DiskImage a = DiskImage.open(file, OpenOptions.defaults().withFormat(ImageFormat.RAW));
        DiskImage t = DiskImage.create(directory.resolve("t"), CreateOptions.raw(5 * MIB))) {
      file.failAfter(1, 100, "Input/output error");
      DiskConverter converter =
          new DiskConverter(List.of(a), t, ConvertOptions.toNewImage(), Runnable::run, 1);
      assertThatThrownBy(() -> converter.run(CopyListener.NONE))
          .isInstanceOfSatisfying(
              CopyException.class,
              e -> {
                assertThat(e.step()).isEqualTo(CopyException.Step.READ);
                assertThat(e.offset()).isEqualTo(2 * MIB);
              });
      file.heal();
    }
  }

  @Test
  void salvageLosesOnlyTheSectorsThatCannotBeRead() throws Exception {
    byte[] disk = DiskModel.pattern(2 * MIB, 3);
    FaultyFile file = new FaultyFile(disk);
    List<Long> lost = new ArrayList<>();
    CopyListener listener =
        new CopyListener() {
          @Override
          public void at(long done, long total) {}

          @Override
          public void salvaged(CopyException failure) {
            lost.add(failure.offset());
          }
        };
    Path target = directory.resolve("t");
    try (DiskImage a = DiskImage.open(file, OpenOptions.defaults().withFormat(ImageFormat.RAW));
        DiskImage t = DiskImage.create(target, CreateOptions.raw(2 * MIB))) {
      // The whole chunk, then the first three of its sectors.
      file.failAfter(0, 4, "Input/output error");
      new DiskConverter(
              List.of(a), t, ConvertOptions.toNewImage().withSalvage(true), Runnable::run, 1)
          .run(listener);
    }
    assertThat(lost).containsExactly(0L, (long) SECTOR, 2L * SECTOR);
    Arrays.fill(disk, 0, 3 * SECTOR, (byte) 0);
    assertThat(Files.readAllBytes(target)).isEqualTo(disk);
  }

  private void convert(
      Path from, ImageFormat format, Path to, CreateOptions create, ConvertOptions options)
      throws IOException {
    try (DiskImage source = open(from, format);
        DiskImage target = DiskImage.create(to, create)) {
      new DiskConverter(List.of(source), target, options, executor, 2).run(CopyListener.NONE);
    }
  }

  private static DiskImage open(Path path, ImageFormat format) throws IOException {
    return DiskImage.open(path, OpenOptions.defaults().withFormat(format).withReadOnly(true));
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  /**
   * Where clusters are allocated, as qemu-img sees it: first bytes of stretches that are and are
   * not. Holes that the host's file has within clusters do not count.
   */
  private static List<String> map(Path image) {
    Matcher extents =
        Pattern.compile("\"start\": ([0-9]+).*\"present\": (true|false)")
            .matcher(QemuImg.succeed("map", "--output=json", "-f", "qcow2", image));
    List<String> stretches = new ArrayList<>();
    String last = "";
    while (extents.find()) {
      if (!extents.group(2).equals(last)) {
        last = extents.group(2);
        stretches.add(extents.group(1) + " " + last);
      }
    }
    return stretches;
  }

  /** Runs of data and zeros of all lengths, in sectors; some sectors have one byte only. */
  static byte[] patchy(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer disk = ByteBuffer.allocate(size);
    while (disk.hasRemaining()) {
      int most = random.nextInt(8) == 0 ? 400 : 20;
      int length = Math.min(disk.remaining(), SECTOR * (1 + random.nextInt(most)));
      switch (random.nextInt(4)) {
        case 0 -> disk.put(DiskModel.pattern(length, random.nextLong()));
        case 1 -> {
          byte[] sparse = new byte[length];
          for (int at = 0; at < length; at += SECTOR) {
            sparse[at + random.nextInt(SECTOR)] = 1;
          }
          disk.put(sparse);
        }
        default -> disk.put(new byte[length]);
      }
    }
    return disk.array();
  }
}
