package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Machine state behind the disk, against qemu-io's {@code -b}. */
class VmStateTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuIo.require();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=512",
        "cluster_size=65536",
        "cluster_size=16384,extended_l2=on",
        "compat=0.10"
      })
  void qemuReadsOurStateAndWeReadQemus(String options) throws Exception {
    Path base = Files.write(directory.resolve("base.raw"), DiskModel.pattern(4 * SIZE, 1));
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed(
        "create", "-q", "-f", "qcow2", "-o", options, "-F", "raw", "-b", base, path, SIZE);
    byte[] ours = new byte[102_400];
    Arrays.fill(ours, (byte) 7);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.writeVmState(5120, ByteBuffer.wrap(ours));
      image.write(0, ByteBuffer.allocate(3000));
    }
    QemuImg.assertClean(path);
    QemuIo.run(
        path,
        List.of("read -b -P 7 5120 102400", "write -b -P 9 2000384 70144", "read -P 0 0 3000"));
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      ByteBuffer state = ByteBuffer.allocate(2_100_000);
      image.readVmState(0, state);
      byte[] expected = new byte[state.capacity()];
      Arrays.fill(expected, 5120, 107_520, (byte) 7);
      Arrays.fill(expected, 2_000_384, 2_070_528, (byte) 9);
      assertThat(Arrays.mismatch(state.array(), 5120, 107_520, expected, 5120, 107_520))
          .isEqualTo(-1);
      assertThat(
              Arrays.mismatch(state.array(), 2_000_384, 2_070_528, expected, 2_000_384, 2_070_528))
          .isEqualTo(-1);
      ByteBuffer beyond = ByteBuffer.allocate(10);
      image.readVmState(1L << 45, beyond);
      assertThat(beyond.array()).containsOnly(0);
      ImageException e =
          catchThrowableOfType(
              ImageException.class, () -> image.writeVmState(1L << 61, ByteBuffer.allocate(1)));
      assertThat(e.kind()).isEqualTo(ErrorKind.BAD_OPTION);
      assertThat(image.size()).isEqualTo(SIZE);
    }
    QemuImg.assertClean(path);
  }
}
