package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not served is refused by its name, never misread. The images are qemu-img's. */
@NeedsQemu
class RefusalTest {
  private static final int CRYPT_METHOD = 32;
  private static final int INCOMPATIBLE_FEATURES = 72;
  private static final int AUTOCLEAR_FEATURES = 88;

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void image() {
    QemuImg.require();
    path = directory.resolve("disk.qcow2");
  }

  private ImageException refused(OpenOptions options) {
    return catchThrowableOfType(ImageException.class, () -> DiskImage.open(path, options).close());
  }

  private void assertUnsupported(String... words) {
    for (boolean readOnly : new boolean[] {false, true}) {
      ImageException e = refused(OpenOptions.defaults().withReadOnly(readOnly));
      assertThat(e).isNotNull();
      assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
      assertThat(e.path()).isEqualTo(path);
      assertThat(e.operation()).isEqualTo(Operation.OPEN);
      assertThat(e).hasMessageContainingAll(words).hasMessageStartingWith(path + ": ");
    }
  }

  /** Patched: qemu-img times its key derivation when it makes one, which fails on a busy host. */
  @ParameterizedTest
  @CsvSource({
    "1, is encrypted (AES)",
    "2, is encrypted (LUKS)",
    "9, Unsupported encryption method 9"
  })
  void anEncryptedImageIsRefused(long method, String sentence) throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", path, "1M");
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer.wrap(bytes).putInt(CRYPT_METHOD, (int) method);
    Files.write(path, bytes);
    assertUnsupported(sentence);
  }

  @Test
  void anUnknownIncompatibleFeatureIsNamedFromTheImagesOwnTable() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", path, "1M");
    byte[] bytes = Files.readAllBytes(path);
    int row = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("extended L2 entries") - 2;
    bytes[row + 1] = 40;
    ByteBuffer.wrap(bytes, row + 2, 46)
        .put("warp drive".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 0);
    ByteBuffer.wrap(bytes).putLong(INCOMPATIBLE_FEATURES, 1L << 40 | 1L << 41);
    Files.write(path, bytes);
    assertUnsupported(
        "Unsupported qcow2 feature(s): warp drive, Unknown incompatible feature: 20000000000");
  }

  @Test
  void theFirstWriteClearsUnknownAutoclearBitsAndKeepsEveryHeaderExtension() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", path, "1M");
    long unknown = 1L << 17;
    patch(AUTOCLEAR_FEATURES, unknown);
    byte[] before = Files.readAllBytes(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.read(0, ByteBuffer.allocate(10));
      image.flush();
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.allocate(10));
    }
    byte[] after = Arrays.copyOf(Files.readAllBytes(path), 65536);
    assertThat(ByteBuffer.wrap(after).getLong(AUTOCLEAR_FEATURES)).isZero();
    ByteBuffer.wrap(after).putLong(AUTOCLEAR_FEATURES, unknown);
    assertThat(after).isEqualTo(Arrays.copyOf(before, 65536));
    assertThat(QemuImg.run("check", path).output()).doesNotContain("ERROR");
  }

  @ParameterizedTest
  @CsvSource({"vmdk", "vdi", "vhdx", "vpc", "qed", "parallels"})
  void anotherFormatFoundByProbingIsRefusedByName(String format) {
    QemuImg.succeed("create", "-f", format, path, "8M");
    assertUnsupported(format);
  }

  private void patch(int offset, long value) throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.seek(offset);
      file.writeLong(value);
    }
  }
}
