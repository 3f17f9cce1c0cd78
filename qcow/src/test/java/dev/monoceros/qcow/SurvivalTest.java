package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.oracle.ChildJvm;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.SurvivalRun;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * No image crashes, hangs or bloats its host: everything is tried on hundreds of lying images, in a
 * heap that holds little more than the JVM.
 */
@NeedsQemu
class SurvivalTest {
  private static final String HEAP = "48m";
  private static final int L1_ENTRIES = 1 << 18;
  private static final int CLUSTER = 65536;

  @TempDir Path directory;

  @BeforeEach
  void oracle() {
    QemuImg.require();
  }

  @Test
  @Timeout(300)
  void hostileImagesAreSurvivedInALittleHeap() throws Exception {
    QemuImg.Result result = ChildJvm.run(HEAP, SurvivalRun.class, directory, false);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).contains("survived");
  }

  @Test
  @Tag("long")
  void allHostileImagesAreSurvivedInALittleHeap() throws Exception {
    QemuImg.Result result = ChildJvm.run(HEAP, SurvivalRun.class, directory, true);
    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  /** Two megabytes on the disk that claim a quarter of a million tables over 16 GiB of nothing. */
  @Test
  @Timeout(60)
  void aSparseFileOfTablesIsCheckedAsFastAsItsData() throws Exception {
    Path path = directory.resolve("sparse.qcow2");
    long disk = (long) L1_ENTRIES * CLUSTER * (CLUSTER / 8);
    QemuImg.succeed("create", "-f", "qcow2", path, disk);
    long end = (long) (L1_ENTRIES + 100) * CLUSTER;
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(40);
      long l1 = file.readLong();
      ByteBuffer entries = ByteBuffer.allocate(L1_ENTRIES * 8);
      for (int i = 0; i < L1_ENTRIES; i++) {
        entries.putLong(1L << 63 | (long) (i + 100) * CLUSTER);
      }
      FileChannel channel = file.getChannel();
      channel.write(entries.flip(), l1);
      file.setLength(end);
    }
    OpenOptions options = OpenOptions.defaults().withForCheck(true).withReadOnly(true);
    try (DiskImage image = DiskImage.open(path, options)) {
      CheckReport report = image.check(Repair.NONE);
      // Not one of the tables has a refcount, which gives it two findings.
      assertThat(report.corruptions()).isEqualTo(2L * L1_ENTRIES);
      assertThat(report.messages()).hasSizeLessThan(100_100);
      assertThat(report.messages().getLast()).endsWith(" more");
      assertThat(report.imageEndOffset()).isEqualTo(end);
    }
  }
}
