package dev.monoceros.machine.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.virtio.blk.BlkFeatures;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.testing.BlkDriver;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDiskTest {
  private static final int BYTES = 4 << 20;

  @TempDir Path directory;

  private Path qcow2() throws IOException {
    Path file = directory.resolve("disk.qcow2");
    DiskImage.create(file, CreateOptions.qcow2(BYTES)).close();
    return file;
  }

  private Path raw(int value) throws IOException {
    byte[] bytes = new byte[BYTES];
    Arrays.fill(bytes, (byte) value);
    return Files.write(directory.resolve("disk.raw"), bytes);
  }

  private static ImageDisk open(Path file, ImageFormat format, boolean readOnly)
      throws IOException {
    return ImageDisk.open(file, OpenOptions.defaults().withFormat(format).withReadOnly(readOnly));
  }

  @Test
  void aQcow2DiskTellsItsClustersAndCannotErase() throws IOException {
    try (ImageDisk disk = open(qcow2(), ImageFormat.QCOW2, false)) {
      assertThat(disk.discards()).isTrue();
      assertThat(disk.unmapsZeroes()).isTrue();
      assertThat(disk.discardAlignment()).isEqualTo(65536);
      assertThat(disk.erasesSecurely()).isFalse();
      assertThatThrownBy(() -> disk.secureErase(0, 512)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRawDiskErasesByOverwritingInPlace() throws IOException {
    Path file = raw(0x5a);
    try (ImageDisk disk = open(file, ImageFormat.RAW, false)) {
      BlkOptions options = BlkOptions.DEFAULT.withShownFeatures(BlkFeatures.SECURE_ERASE);
      DiskRig rig = new DiskRig(disk, options);
      long before = blocks(file);

      assertThat(rig.change(BlkDriver.T_SECURE_ERASE, 3, 4099)).isEqualTo(BlkDriver.S_OK);

      byte[] expected = new byte[BYTES];
      Arrays.fill(expected, (byte) 0x5a);
      Arrays.fill(expected, 3 * 512, (3 + 4099) * 512, (byte) 0);
      assertThat(Files.readAllBytes(file)).isEqualTo(expected);
      assertThat(blocks(file)).as("no hole was made of it").isEqualTo(before);
    }
  }

  /** Blocks of 512 bytes that the file takes on the host, as stat(1) counts them. */
  private static long blocks(Path file) throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(new String(stat.getInputStream().readAllBytes()).strip());
  }

  @Test
  void aReadOnlyRawDiskErasesNothing() throws IOException {
    try (ImageDisk disk = open(raw(1), ImageFormat.RAW, true)) {
      assertThat(disk.readOnly()).isTrue();
      assertThat(disk.erasesSecurely()).isFalse();
      assertThatThrownBy(() -> disk.resize(8 << 20)).isInstanceOf(IOException.class);
      assertThat(disk.capacitySectors()).isEqualTo(BYTES / 512);
    }
  }

  @Test
  void aDiskCanGrowAndShrinkAndARefusalIsNoFailure() throws IOException {
    try (ImageDisk disk = open(qcow2(), ImageFormat.QCOW2, false)) {
      disk.resize(8 << 20);
      assertThat(disk.capacitySectors()).isEqualTo((8 << 20) / 512);
      disk.write((8 << 20) - 512, MemorySegment.ofArray(DiskRig.filled(1, 1)));
      disk.resize(1 << 20);
      assertThat(disk.capacitySectors()).isEqualTo((1 << 20) / 512);
      assertThatThrownBy(() -> disk.resize(1000)).isInstanceOf(IOException.class);
      assertThat(disk.failure()).isEmpty();
    }
  }
}
