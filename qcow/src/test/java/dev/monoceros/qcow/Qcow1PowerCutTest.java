package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The power goes at any moment: a QCOW 1 image opens, and what was flushed is there. */
@NeedsQemu
class Qcow1PowerCutTest {
  private static final int SIZE = 6 << 20;
  private static final int STEPS = 150;
  private static final OpenOptions V1 = OpenOptions.defaults().withFormat(ImageFormat.QCOW);

  @TempDir Path directory;

  private final CutModel model = new CutModel(new byte[SIZE]);

  @Test
  void anyCutLeavesAnImageThatOpensAndKeepsWhatWasFlushed() throws Exception {
    Path path = directory.resolve("disk.qcow");
    CreateOptions options = CreateOptions.qcow2(SIZE).withFormat(ImageFormat.QCOW);
    DiskImage.create(path, options).close();
    RecordingFile file = new RecordingFile(MemoryFile.load(path));
    work(file);
    SplittableRandom random = new SplittableRandom(1);
    assertThat(file.events()).isGreaterThan(STEPS);
    for (int cut = 0; cut <= file.events(); cut++) {
      check(file.cutAt(cut), cut);
      check(file.cutAt(cut, random), cut);
    }
    if (QemuImg.isPresent()) {
      Files.write(path, file.bytes());
      assertThat(Qcow1Test.contents(path)).isEqualTo(model.disk());
    }
  }

  private void work(RecordingFile recording) throws ImageException {
    SplittableRandom random = new SplittableRandom(2);
    try (DiskImage image = DiskImage.open(recording, V1)) {
      for (int i = 0; i < STEPS; i++) {
        int at = random.nextInt(SIZE / 4096 - 4) * 4096;
        int before = recording.events();
        switch (random.nextInt(5)) {
          case 0 -> {
            image.flush();
            model.flushed(recording.events());
          }
          case 1 -> {
            if (!image.extent(at, 4096).allocated()) {
              byte[] data = CompressedClustersTest.mixedData(4096, i);
              model.begin(before, at, data);
              image.writeCompressed(at, ByteBuffer.wrap(data));
            }
          }
          default -> {
            byte[] data = DiskModel.pattern(1 + random.nextInt(9000), i);
            model.begin(before, at + 100, data);
            image.write(at + 100, ByteBuffer.wrap(data));
          }
        }
      }
    }
    model.flushed(recording.events());
  }

  private void check(byte[] left, int cut) throws Exception {
    byte[] found = new byte[SIZE];
    try (DiskImage image = DiskImage.open(new MemoryFile(left), V1)) {
      image.read(0, ByteBuffer.wrap(found));
    }
    model.assertAllowed(cut, found);
  }
}
