package dev.monoceros.qcow.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Options of the driver qcow2 that change what a write or a discard does; qemu-io is held beside.
 */
@NeedsQemu
class Qcow2OptionsTest {
  private static final int CLUSTER = 64 << 10;
  private static final int HALF = 512 << 10;

  @TempDir Path directory;
  private Path image;

  @BeforeEach
  void create() {
    QemuImg.require();
    image = directory.resolve("a.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", image, "1M");
  }

  private static DiskImage open(Path image, String options) throws Exception {
    return BlockGraph.openOptions(
        "driver=qcow2,file.filename=" + image + options,
        OpenOptions.defaults().withBacking(BackingPolicy.ALLOW));
  }

  /** The L2 table of qemu-img's image is its fifth cluster; entry 2 leads into the metadata. */
  private Path leadingTo(long cluster) throws Exception {
    QemuIo.run(image, List.of("write -P 1 0 64k"));
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.seek(4 * CLUSTER + 2 * Long.BYTES);
      file.writeLong(1L << 63 | cluster * CLUSTER);
    }
    return image;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | ,overlap-check=none | false",
        "2 | ,overlap-check=constant | false",
        "2 | ,overlap-check=constant,overlap-check.refcount-block=on | true",
        "2 | ,overlap-check=cached | true",
        "2 | ,overlap-check.template=all,overlap-check.refcount-block=off | false",
        "1 | ,overlap-check=constant | true",
        "1 | ,overlap-check=all,overlap-check.refcount-table=off | false",
        "3 | ,overlap-check.active-l1=on | true",
        "3 | ,overlap-check=none | false",
        "4 | ,overlap-check=constant | false",
        "4 | ,overlap-check=cached | true"
      })
  void onlyMetadataThatIsAskedForIsProtected(long cluster, String options, boolean refused)
      throws Exception {
    Path ours = leadingTo(cluster);
    Path theirs = Files.copy(ours, directory.resolve("theirs.qcow2"));
    Throwable failure;
    try (DiskImage disk = open(ours, options)) {
      failure = catchThrowable(() -> disk.write(2 * CLUSTER + 4096, ByteBuffer.allocate(512)));
    }
    assertThat(failure != null).as("%s", failure).isEqualTo(refused);
    String said =
        QemuIo.output(
            List.of(
                "--image-opts",
                "-c",
                "write -P 0 " + (2 * CLUSTER + 4096) + " 512",
                "driver=qcow2,file.filename=" + theirs + options));
    assertThat(said).contains(refused ? "write failed" : "wrote 512/512");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"'' | true", ",pass-discard-request=on | true", ",pass-discard-request=off | false"})
  void discardedClustersGoBackToTheHostIfTheOptionSaysSo(String options, boolean punched)
      throws Exception {
    QemuIo.run(image, List.of("write -P 1 0 1M"));
    try (DiskImage disk = open(image, options)) {
      disk.discard(0, HALF);
      disk.flush();
      assertThat(disk.stats().host().punchedBytes()).isEqualTo(punched ? HALF : 0);
    }
    QemuImg.assertClean(image);
  }

  /** Eight compressed clusters share one of the file. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"'' | 0", ",pass-discard-other=on | 65536", ",pass-discard-other=off | 0"})
  void replacedClustersGoBackToTheHostIfTheOptionSaysSo(String options, long punched)
      throws Exception {
    QemuIo.run(image, List.of("write -c -P 1 0 512k"));
    try (DiskImage disk = open(image, options)) {
      disk.write(0, ByteBuffer.allocate(HALF));
      disk.flush();
      assertThat(disk.stats().host().punchedBytes()).isEqualTo(punched);
    }
    QemuImg.assertClean(image);
  }

  @Test
  void aFlushThatIsNotPassedOnCannotFail() throws Exception {
    String faulty =
        "driver=qcow2,file.driver=blkdebug,file.image.filename="
            + image
            + ",file.inject-error.0.event=none,file.inject-error.0.iotype=flush";
    OpenOptions plain = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    try (DiskImage disk = BlockGraph.openOptions(faulty, plain.withNoFlush(true))) {
      disk.write(0, ByteBuffer.allocate(CLUSTER));
      disk.flush();
    }
    QemuImg.assertClean(image);
    DiskImage disk = BlockGraph.openOptions(faulty, plain);
    disk.write(HALF, ByteBuffer.allocate(CLUSTER));
    assertThat(catchThrowable(disk::flush)).hasMessageContaining("flush");
    assertThat(catchThrowable(disk::close)).hasMessageContaining("flush");
  }
}
