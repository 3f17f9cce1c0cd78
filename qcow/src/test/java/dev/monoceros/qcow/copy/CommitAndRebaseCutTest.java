package dev.monoceros.qcow.copy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power goes at any moment of a commit or a safe rebase: what the upper image reads as is what
 * it was, and qemu-img check finds at most leaks.
 */
@NeedsQemu
class CommitAndRebaseCutTest {
  private static final int SIZE = 1 << 20;
  private static final int CUTS = 40;

  /** Of the cuts, one in so many is shown to qemu-img. */
  private static final int ORACLE_EVERY = 4;

  @TempDir Path directory;

  private Path base;
  private Path top;
  private byte[] disk;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  @BeforeEach
  void makeImages() {
    base = directory.resolve("base.qcow2");
    top = directory.resolve("top.qcow2");
  }

  /** An image over another, both with data and zeros here and there. */
  private void chain(int clusterSize, int baseSize) throws IOException {
    String o = "cluster_size=" + clusterSize;
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", o, base, baseSize);
    scatter(base, 1, baseSize);
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", o, "-b", base, "-F", "qcow2", top, SIZE);
    scatter(top, 2, SIZE);
    disk = QemuImg.contents(top);
  }

  private static void scatter(Path image, long seed, int size) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    try (DiskImage i =
        DiskImage.open(image, OpenOptions.defaults().withBacking(BackingPolicy.ALLOW))) {
      for (int n = 0; n < 25; n++) {
        int length = 1 + random.nextInt(40_000);
        int offset = random.nextInt(size - length);
        if (random.nextInt(5) == 0) {
          i.writeZeroes(offset, length, true);
        } else {
          i.write(offset, ByteBuffer.wrap(DiskModel.pattern(length, random.nextLong())));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65536})
  void aCommitNeverChangesTheDisk(int clusterSize) throws Exception {
    chain(clusterSize, SIZE / 2);
    RecordingFile baseFile = new RecordingFile(MemoryFile.load(base));
    RecordingFile topFile = new RecordingFile(MemoryFile.load(top));
    OpenOptions alone = OpenOptions.defaults().withBacking(BackingPolicy.IGNORE);
    int untouched;
    try (DiskImage b = DiskImage.open(baseFile, OpenOptions.defaults());
        DiskImage t = DiskImage.open(topFile, alone)) {
      DiskCommitter committer = new DiskCommitter(List.of(t), b);
      committer.run(CopyListener.NONE);
      untouched = topFile.events();
      assertThat(committer.emptyTop()).isTrue();
    }
    assertThat(untouched).isZero();
    eachCut(baseFile, base);
    Files.write(base, baseFile.bytes());
    assertThat(QemuImg.contents(base)).isEqualTo(disk);
    eachCut(topFile, top);
    Files.write(top, topFile.bytes());
    QemuImg.assertClean(base);
    QemuImg.assertClean(top);
    assertThat(QemuImg.succeed("map", "--output=json", top)).doesNotContain("\"depth\": 0");
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65536})
  void aSafeRebaseNeverChangesTheDisk(int clusterSize) throws Exception {
    chain(clusterSize, SIZE);
    Path other = directory.resolve("other.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", other, SIZE / 2);
    scatter(other, 3, SIZE / 2);
    RecordingFile file = new RecordingFile(MemoryFile.load(top));
    OpenOptions open = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage image = DiskImage.open(file, open);
        DiskImage below = DiskImage.open(other, open.withReadOnly(true))) {
      DiskRebaser rebaser = new DiskRebaser(image, Optional.of(below), 0);
      rebaser.copyDifferences(CopyListener.NONE);
      rebaser.changeReference(
          Optional.of(new BackingReference(other.toString(), Optional.of("qcow2"))));
    }
    eachCut(file, top);
    Files.write(top, file.bytes());
    QemuImg.assertClean(top);
    assertThat(QemuImg.contents(top)).isEqualTo(disk);
    assertThat(QemuImg.succeed("info", top)).contains("backing file: " + other);
  }

  @Test
  void aFailedRebaseCanBeRepeated() throws Exception {
    chain(4096, SIZE);
    OpenOptions open = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    for (int run = 0; run < 2; run++) {
      try (DiskImage image = DiskImage.open(top, open)) {
        new DiskRebaser(image, Optional.empty(), 0).copyDifferences(CopyListener.NONE);
      }
      assertThat(QemuImg.contents(top)).isEqualTo(disk);
    }
    QemuImg.assertClean(top);
  }

  /** Puts what a cut leaves of {@code file} at {@code path} and reads the disk. */
  private void eachCut(RecordingFile file, Path path) throws Exception {
    int events = file.events();
    assertThat(events).isPositive();
    SplittableRandom random = new SplittableRandom(events);
    int every = Math.max(1, events / CUTS);
    for (int cut = 0; cut <= events; cut += 1 + random.nextInt(2 * every - 1)) {
      for (byte[] left : List.of(file.cutAt(cut), file.cutAt(cut, random))) {
        Files.write(path, left);
        byte[] found = new byte[disk.length];
        OpenOptions open =
            OpenOptions.defaults().withBacking(BackingPolicy.ALLOW).withReadOnly(true);
        try (DiskImage image = DiskImage.open(top, open)) {
          image.read(0, ByteBuffer.wrap(found));
        }
        assertThat(found).as("the disk after a cut at event %d of %s", cut, path).isEqualTo(disk);
        if (random.nextInt(ORACLE_EVERY) == 0) {
          assertThat(QemuImg.check(path)).isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
          assertThat(QemuImg.contents(top)).isEqualTo(disk);
        }
      }
    }
  }
}
