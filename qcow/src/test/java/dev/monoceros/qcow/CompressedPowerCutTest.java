package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.CutModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The power goes while compressed clusters are written, overwritten and given back. */
@NeedsQemu
class CompressedPowerCutTest {
  private static final int STEPS = 250;
  private static final int CUTS = 60;

  @TempDir Path directory;

  private CutModel model;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  @ParameterizedTest
  @CsvSource({
    "'cluster_size=4096', 4096",
    "'cluster_size=512,refcount_bits=4', 512",
    "'cluster_size=4096,compression_type=zstd', 4096",
  })
  void anyCutLeavesAtMostLeaksAndKeepsWhatWasFlushed(String options, int cluster) throws Exception {
    Path origin = directory.resolve("origin.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, origin, "512K");
    RecordingFile file = new RecordingFile(MemoryFile.load(origin));
    model = new CutModel(new byte[512 << 10]);
    work(file, cluster);
    SplittableRandom random = new SplittableRandom(cluster);
    int events = file.events();
    for (int cut = 0; cut <= events; cut += 1 + random.nextInt(2 * events / CUTS)) {
      check(file.cutAt(cut), cut);
      check(file.cutAt(cut, random), cut);
    }
    Path end = Files.write(directory.resolve("end.qcow2"), file.bytes());
    QemuImg.assertClean(end);
    assertThat(QemuImg.contents(end)).isEqualTo(model.disk());
  }

  private void work(RecordingFile file, int cluster) throws ImageException {
    OpenOptions options = OpenOptions.defaults().withL2CacheSize(1024).withL2CacheEntrySize(512);
    SplittableRandom random = new SplittableRandom(STEPS);
    try (DiskImage image = DiskImage.open(file, options)) {
      int clusters = (int) (image.size() / cluster);
      for (int i = 0; i < STEPS; i++) {
        int at = random.nextInt(clusters) * cluster;
        switch (random.nextInt(6)) {
          case 0 -> {
            image.flush();
            model.flushed(file.events());
          }
          case 1 -> {
            byte[] data = new byte[cluster / 2];
            Arrays.fill(data, (byte) (i + 1));
            model.begin(file.events(), at + 7, data);
            image.write(at + 7, ByteBuffer.wrap(data));
          }
          default -> {
            int before = file.events();
            model.begin(before, at, new byte[cluster]);
            image.discard(at, cluster);
            byte[] data = CompressedClustersTest.mixedData(cluster, i);
            model.begin(before, at, data);
            image.writeCompressed(at, ByteBuffer.wrap(data));
          }
        }
      }
    }
    model.flushed(file.events());
  }

  private void check(byte[] left, int cut) throws Exception {
    byte[] found = new byte[model.disk().length];
    try (DiskImage image = DiskImage.open(new MemoryFile(left), OpenOptions.defaults())) {
      image.read(0, ByteBuffer.wrap(found));
    }
    model.assertAllowed(cut, found);
    Path path = Files.write(directory.resolve("cut.qcow2"), left);
    assertThat(QemuImg.check(path))
        .as("qemu-img check after a cut at event %d", cut)
        .isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
  }
}
