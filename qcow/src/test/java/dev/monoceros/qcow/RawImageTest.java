package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raw images, and QEMU's rule for those nobody called raw. */
class RawImageTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void image() throws Exception {
    path = directory.resolve("disk.img");
    DiskImage.create(path, CreateOptions.raw(SIZE)).close();
  }

  @Test
  void theFileIsTheDisk() throws Exception {
    DiskModel model = new DiskModel(SIZE);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      assertThat(image.format()).isEqualTo(ImageFormat.RAW);
      model.write(image, 0, 5000, 1);
      model.write(image, 70_001, 333_333, 2);
      model.writeZeroes(image, 100_000, 1000, true);
      model.assertWholeDisk(image);
      image.flush();
      assertThat(image.stats().barriers()).isEqualTo(1);
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(model.bytes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"QFI\u00fb", "KDMV", "QED\0", "conectix", "vhdxfile", "LUKS\u00ba\u00be"})
  void aProbedRawImageRefusesToBecomeAnotherFormat(String magic) throws Exception {
    ByteBuffer header = ByteBuffer.allocate(4096);
    header.put(0, magic.getBytes(StandardCharsets.ISO_8859_1));
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      ImageException e =
          catchThrowableOfType(ImageException.class, () -> image.write(0, header.duplicate()));
      assertThat(e.kind()).isEqualTo(ErrorKind.FORMAT_GUARD);
      assertThat(e).hasMessageContaining("format=raw");
      image.write(1, header.duplicate());
      image.write(512, header.duplicate());
    }
    try (DiskImage image =
        DiskImage.open(path, OpenOptions.defaults().withFormat(ImageFormat.RAW))) {
      image.write(0, header.duplicate());
    }
    assertThat(Files.readAllBytes(path)).startsWith(magic.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void theGuardSeesASignatureThatIsWrittenPieceByPiece() throws Exception {
    byte[] magic = {'Q', 'F', 'I', (byte) 0xfb};
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(1, ByteBuffer.wrap(magic, 1, 3));
      ImageException e =
          catchThrowableOfType(
              ImageException.class, () -> image.write(0, ByteBuffer.wrap(magic, 0, 1)));
      assertThat(e.kind()).isEqualTo(ErrorKind.FORMAT_GUARD);
    }
  }

  @Test
  void theGuardSeesZeroesThatCompleteASignature() throws Exception {
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(new byte[] {'Q', 'E', 'D', 'X'}));
      ImageException e =
          catchThrowableOfType(ImageException.class, () -> image.writeZeroes(3, 1, true));
      assertThat(e.kind()).isEqualTo(ErrorKind.FORMAT_GUARD);
    }
  }
}
