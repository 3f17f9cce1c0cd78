package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.io.HostFile;
import dev.monoceros.qcow.oracle.CutModel;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The power goes while an image that is not alone is written to: one over a backing file, or one
 * whose data is in another file, which then is cut at the same moment.
 */
@NeedsQemu
class ChainPowerCutTest {
  private static final int STEPS = 250;
  private static final int CUTS = 50;
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;
  private CutModel model;
  private Path data;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  @ParameterizedTest
  @CsvSource({
    "'cluster_size=4096'",
    "'cluster_size=512,refcount_bits=2'",
    "'compat=0.10,cluster_size=2048'",
    "'cluster_size=16384,extended_l2=on'"
  })
  void anyCutOfAnOverlayLeavesAtMostLeaksAndKeepsWhatWasFlushed(String options) throws Exception {
    byte[] base = DiskModel.pattern(SIZE / 2 + 512, 1);
    Path raw = Files.write(directory.resolve("base.raw"), base);
    Path origin = directory.resolve("origin.qcow2");
    QemuImg.succeed(
        "create", "-q", "-f", "qcow2", "-F", "raw", "-b", raw, "-o", options, origin, SIZE);
    byte[] disk = new byte[SIZE];
    System.arraycopy(base, 0, disk, 0, base.length);
    cutEverywhere(origin, disk);
  }

  @ParameterizedTest
  @CsvSource({
    "'cluster_size=4096'",
    "'cluster_size=512,refcount_bits=64,data_file_raw=on'",
    "'cluster_size=16384,extended_l2=on'"
  })
  void anyCutOfAnImageAndItsDataFileLeavesAtMostLeaksAndKeepsWhatWasFlushed(String options)
      throws Exception {
    data = directory.resolve("disk.data");
    Path origin = directory.resolve("origin.qcow2");
    String o = options + ",data_file=" + data;
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", o, origin, SIZE);
    cutEverywhere(origin, new byte[SIZE]);
  }

  private void cutEverywhere(Path origin, byte[] disk) throws Exception {
    RecordingFile.Timeline timeline = new RecordingFile.Timeline();
    RecordingFile image = new RecordingFile(MemoryFile.load(origin), timeline);
    byte[] dataBefore = data == null ? new byte[0] : MemoryFile.load(data);
    RecordingFile second = new RecordingFile(dataBefore, timeline);
    model = new CutModel(disk);
    work(image, second);
    SplittableRandom random = new SplittableRandom(STEPS);
    int events = image.events();
    assertThat(events).isGreaterThan(CUTS);
    for (int cut = 0; cut <= events; cut += 1 + random.nextInt(2 * events / CUTS)) {
      check(image.cutAt(cut), second.cutAt(cut), cut);
      check(image.cutAt(cut, random), second.cutAt(cut, random), cut);
    }
    Path end = Files.write(directory.resolve("end.qcow2"), image.bytes());
    writeData(second.bytes());
    QemuImg.assertClean(end);
    assertThat(QemuImg.contents(end)).isEqualTo(model.disk());
  }

  private void writeData(byte[] bytes) throws Exception {
    if (data != null) {
      Files.write(data, bytes);
    }
  }

  private DiskImage open(MemoryFile image, MemoryFile second, OpenOptions options)
      throws ImageException {
    return ImageOpener.open(
        image,
        options.withBacking(BackingPolicy.ALLOW),
        (path, writable) -> path.equals(data) ? second : HostFile.open(path, writable));
  }

  private void work(RecordingFile file, RecordingFile second) throws ImageException {
    OpenOptions options = OpenOptions.defaults().withL2CacheSize(1024).withL2CacheEntrySize(512);
    SplittableRandom random = new SplittableRandom(SIZE);
    try (DiskImage image = open(file, second, options)) {
      for (int i = 0; i < STEPS; i++) {
        int length = 1 + random.nextInt(random.nextInt(5) == 0 ? 60_000 : 7000);
        int offset = random.nextInt(SIZE - length);
        step(image, file, random.nextInt(10), offset, length, i);
      }
    }
    model.flushed(file.events());
  }

  private void step(
      DiskImage image, RecordingFile file, int choice, int offset, int length, int seed)
      throws ImageException {
    switch (choice) {
      case 0 -> {
        // A discard of version 2 over a backing file does nothing, and so the model would lie.
        if (image.info().qcow2().orElseThrow().version() == 3) {
          int cluster = image.clusterSize();
          int from = (offset + cluster - 1) / cluster * cluster;
          int to = (offset + length) / cluster * cluster;
          if (from < to) {
            model.begin(file.events(), from, new byte[to - from]);
            image.discard(from, to - from);
          }
        }
      }
      case 1, 2 -> {
        model.begin(file.events(), offset, new byte[length]);
        image.writeZeroes(offset, length, choice == 1);
      }
      case 3 -> {
        image.flush();
        model.flushed(file.events());
      }
      default -> {
        byte[] bytes = DiskModel.pattern(length, seed);
        model.begin(file.events(), offset, bytes);
        image.write(offset, ByteBuffer.wrap(bytes));
      }
    }
  }

  private void check(byte[] left, byte[] leftData, int cut) throws Exception {
    byte[] found = new byte[SIZE];
    try (DiskImage image =
        open(new MemoryFile(left), new MemoryFile(leftData), OpenOptions.defaults())) {
      image.read(0, ByteBuffer.wrap(found));
    }
    model.assertAllowed(cut, found);
    Path path = Files.write(directory.resolve("cut.qcow2"), left);
    writeData(leftData);
    assertThat(QemuImg.check(path))
        .as("qemu-img check after a cut at event %d", cut)
        .isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
  }
}
