package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Machine state behind the disk is qemu-io's {@code read -b} and {@code write -b}. */
@NeedsQemu
class VmStateTest {
  private static final String SIZE = "3M";
  private static final int LENGTH = 300 * 1024;

  @TempDir Path directory;

  private Path image(String options) {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, path, SIZE);
    return path;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] read(DiskImage image, long offset, int length) throws ImageException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    image.readVmState(offset, bytes);
    return bytes.array();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=512",
        "compat=0.10",
        "cluster_size=16k,extended_l2=on",
        "cluster_size=4k,refcount_bits=1"
      })
  void whatIsWrittenHereIsReadThereAndTheOtherWayRound(String options) throws Exception {
    Path path = image(options);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(filled(3 << 20, 7)));
      image.writeVmState(1024, ByteBuffer.wrap(filled(LENGTH, 5)));
    }
    QemuImg.assertClean(path);
    QemuIo.run(
        path,
        List.of(
            "read -b -P 5 1024 300k",
            "read -b -P 0 0 1024",
            "read -P 7 0 3M",
            "write -b -P 6 200k 900k"));
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      assertThat(read(image, 1024, 199 << 10)).isEqualTo(filled(199 << 10, 5));
      assertThat(read(image, 200 << 10, 900 << 10)).isEqualTo(filled(900 << 10, 6));
      assertThat(read(image, 5 << 20, 4096)).isEqualTo(new byte[4096]);
      assertThat(image.size()).isEqualTo(3 << 20);
    }
    QemuImg.assertClean(path);
  }

  @Test
  void whatWasNeverWrittenIsZeroThoughTheBackingFileGoesOn() throws Exception {
    Path base = directory.resolve("base.qcow2");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", "cluster_size=512", base, "6M");
    QemuIo.run(base, List.of("write -P 9 0 6M"));
    Path path = directory.resolve("top.qcow2");
    String options = "cluster_size=512,backing_file=base.qcow2,backing_fmt=qcow2";
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, path, SIZE);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.writeVmState(100, ByteBuffer.wrap(filled(10, 1)));
      byte[] state = read(image, 0, 512);
      assertThat(Arrays.copyOfRange(state, 0, 100)).isEqualTo(new byte[100]);
      assertThat(Arrays.copyOfRange(state, 100, 110)).isEqualTo(filled(10, 1));
      assertThat(Arrays.copyOfRange(state, 110, 512)).isEqualTo(new byte[402]);
      assertThat(read(image, 4096, 512)).isEqualTo(new byte[512]);
    }
    QemuImg.assertClean(path);
  }

  @Test
  void otherFormatsHaveNone() throws Exception {
    Path path = directory.resolve("disk.raw");
    try (DiskImage image = DiskImage.create(path, CreateOptions.raw(1 << 20))) {
      ByteBuffer bytes = ByteBuffer.allocate(512);
      ImageException e =
          catchThrowableOfType(ImageException.class, () -> image.writeVmState(0, bytes));
      assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
      e = catchThrowableOfType(ImageException.class, () -> image.readVmState(0, bytes));
      assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
    }
  }

  @Test
  void aStateThatNoL1TableCanReachIsRefusedAndTheImageStays() throws Exception {
    Path path = image("cluster_size=512");
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      for (long offset : new long[] {1L << 40, Long.MAX_VALUE - 512}) {
        ByteBuffer bytes = ByteBuffer.allocate(512);
        ImageException e =
            catchThrowableOfType(ImageException.class, () -> image.writeVmState(offset, bytes));
        assertThat(e.kind()).isEqualTo(ErrorKind.NO_SPACE);
      }
      image.writeVmState(0, ByteBuffer.allocate(512));
    }
    QemuImg.assertClean(path);
  }

  @Test
  void anyCutWhileTheStateIsSavedLeavesTheDiskAndAtMostLeaks() throws Exception {
    Path path = image("cluster_size=512");
    byte[] disk = DiskModel.pattern(64 * 1024, 1);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(disk));
    }
    RecordingFile file = new RecordingFile(MemoryFile.load(path));
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      for (int i = 0; i < 4; i++) {
        image.writeVmState(i * 40_000L, ByteBuffer.wrap(filled(20_000, i + 1)));
        image.flush();
      }
    }
    Path cut = directory.resolve("cut.qcow2");
    int step = Math.max(1, file.events() / 40);
    for (int moment = 0; moment <= file.events(); moment += step) {
      byte[] bytes = file.cutAt(moment);
      try (DiskImage image = DiskImage.open(new MemoryFile(bytes), OpenOptions.defaults())) {
        byte[] back = new byte[disk.length];
        image.read(0, ByteBuffer.wrap(back));
        assertThat(back).as("cut at %d", moment).isEqualTo(disk);
      }
      Files.write(cut, bytes);
      assertThat(QemuImg.check(cut))
          .as("cut at %d", moment)
          .isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
    }
  }
}
