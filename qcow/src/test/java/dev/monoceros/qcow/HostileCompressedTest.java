package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images with compressed clusters, and QCOW 1 images, whose bytes somebody has spoilt. */
@NeedsQemu
class HostileCompressedTest {
  private static final int SIZE = 2 << 20;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  @ParameterizedTest
  @CsvSource({
    "qcow2, 'cluster_size=4096'",
    "qcow2, 'cluster_size=4096,compression_type=zstd'",
    "qcow2, 'cluster_size=2M'",
    "qcow2, 'cluster_size=16384,extended_l2=on'",
    "qcow, ''",
  })
  void everyDamageIsServedOrRefusedWithKindAndOffset(String format, String options)
      throws Exception {
    byte[] origin = origin(format, options);
    SplittableRandom random = new SplittableRandom(options.hashCode());
    int refused = 0;
    for (int i = 0; i < 300; i++) {
      byte[] bytes = origin.clone();
      for (int n = random.nextInt(6); n >= 0; n--) {
        // Half of it into the tables and the header, which come first.
        int limit = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 1 << 15);
        bytes[random.nextInt(limit)] = (byte) random.nextInt();
      }
      refused += Assertions.assertTimeout(Duration.ofSeconds(20), () -> use(bytes)) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(20);
  }

  private byte[] origin(String format, String options) throws Exception {
    Path raw = Files.write(directory.resolve("raw"), CompressedClustersTest.mixedData(SIZE, 1));
    Path path = directory.resolve("image");
    if (format.equals("qcow")) {
      // Exits with 1 when all is written.
      QemuImg.run("convert", "-c", "-f", "raw", "-O", format, raw, path);
    } else {
      QemuImg.succeed("convert", "-c", "-f", "raw", "-O", format, "-o", options, raw, path);
    }
    return Files.readAllBytes(path);
  }

  /** Reads and writes all over the disk; false if something was refused. */
  private static boolean use(byte[] bytes) {
    boolean fine = true;
    OpenOptions options = OpenOptions.defaults().withBacking(BackingPolicy.REFUSE);
    try (DiskImage image = DiskImage.open(new MemoryFile(bytes), options)) {
      long size = Math.min(image.size(), SIZE);
      for (long at = 0; at + 512 <= size; at += 32768) {
        fine &= attempt(image, at);
      }
    } catch (ImageException e) {
      fine = false;
      assertThat(e.kind()).isNotNull();
    }
    return fine;
  }

  private static boolean attempt(DiskImage image, long at) {
    int length = (int) Math.min(40_000, image.size() - at);
    try {
      image.read(at, ByteBuffer.allocateDirect(length));
      image.extent(at, length);
      image.write(at + 100, ByteBuffer.allocate(300));
      return true;
    } catch (ImageException e) {
      if (e.kind() == ErrorKind.CORRUPT) {
        assertThat(e.offset()).isNotEqualTo(ImageException.NO_OFFSET);
      }
      return false;
    }
  }
}
