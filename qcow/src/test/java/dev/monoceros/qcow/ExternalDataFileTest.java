package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which data file an image gets, and what is refused about it. The images are qemu-img's. */
@NeedsQemu
class ExternalDataFileTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;
  private Path home;
  private Path image;
  private Path data;
  private DiskModel model;

  @BeforeEach
  void create() throws Exception {
    QemuImg.require();
    home = Files.createDirectory(directory.resolve("home"));
    image = home.resolve("disk.qcow2");
    data = home.resolve("disk.data");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", "data_file=" + data, image, SIZE);
    model = new DiskModel(SIZE);
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults())) {
      model.write(disk, 0, 100_000, 1);
      model.write(disk, 700_000, 5000, 2);
    }
  }

  private ImageException refused(OpenOptions options) {
    return catchThrowableOfType(
        ImageException.class,
        () -> {
          try (DiskImage disk = DiskImage.open(image, options)) {
            disk.read(0, ByteBuffer.allocate(SIZE));
          }
        });
  }

  /** Names the data file anew, by a name that is no longer. */
  private void rename(String name) throws Exception {
    byte[] bytes = Files.readAllBytes(image);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int at = header.getInt(HeaderField.HEADER_LENGTH);
    assertThat(header.getInt(at)).isEqualTo(0x44415441);
    byte[] text = new byte[header.getInt(at + 4)];
    System.arraycopy(name.getBytes(StandardCharsets.UTF_8), 0, text, 0, name.length());
    header.put(at + 8, text);
    Files.write(image, bytes);
  }

  @Test
  void clusterZeroIsStoredAtOffsetZeroAndEveryOtherWhereTheDiskHasIt() throws Exception {
    byte[] held = Files.readAllBytes(data);
    assertThat(held).startsWith(Arrays.copyOf(model.bytes(), 100_000));
    QemuImg.assertClean(image);
    model.assertEquals(QemuImg.contents(image));
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults())) {
      Extent first = disk.extent(0, SIZE);
      assertThat(first.fileOffset()).isZero();
      assertThat(first.file()).contains(data.toString());
    }
  }

  @Test
  void aRelativeNameIsFoundBesideTheImage() throws Exception {
    rename("disk.data");
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults())) {
      model.assertWholeDisk(disk);
    }
  }

  @Test
  void aDataFileElsewhereIsOpenedOnlyIfTheUserAllowsOrNamesIt() throws Exception {
    Path moved = Files.move(data, directory.resolve("d"));
    rename(moved.toString());
    ImageException e = refused(OpenOptions.defaults());
    assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
    assertThat(e).hasMessageContaining("outside the directory of the image");
    for (OpenOptions options :
        new OpenOptions[] {
          OpenOptions.defaults().withBacking(BackingPolicy.ALLOW),
          OpenOptions.defaults().withDataFile(Optional.of(moved))
        }) {
      try (DiskImage disk = DiskImage.open(image, options)) {
        model.assertWholeDisk(disk);
      }
    }
  }

  @Test
  void aMissingDataFileIsReportedInQemusWords() throws Exception {
    Files.delete(data);
    ImageException e = refused(OpenOptions.defaults().withBacking(BackingPolicy.ALLOW));
    assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND);
    String theirs = QemuImg.run("map", image).output().strip();
    assertThat(theirs).endsWith(": " + e.sentence());
  }

  @Test
  void anImageThatLostTheNameSaysSoInQemusWords() throws Exception {
    byte[] bytes = Files.readAllBytes(image);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.putInt(header.getInt(HeaderField.HEADER_LENGTH), 0x12345678);
    Files.write(image, bytes);
    ImageException e = refused(OpenOptions.defaults());
    assertThat(QemuImg.run("map", image).output().strip()).endsWith(": " + e.sentence());
  }

  /** "The offset field in the Standard Cluster Descriptor must match the guest offset". */
  @Test
  void anEntryThatLeadsElsewhereOrIsCompressedIsCorrupt() throws Exception {
    byte[] bytes = Files.readAllBytes(image);
    ByteBuffer file = ByteBuffer.wrap(bytes);
    long l1 = file.getLong(HeaderField.L1_TABLE_OFFSET);
    int l2 = (int) TableEntry.hostOffset(file.getLong((int) l1));
    for (long entry : new long[] {TableEntry.toOwned(65536), 1L << 62 | 65536}) {
      file.putLong(l2, entry);
      Files.write(image, bytes);
      ImageException e = refused(OpenOptions.defaults());
      assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
      assertThat(e.offset()).isEqualTo(l2);
    }
  }

  @Test
  void aCompressedWriteIsRefused() throws Exception {
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults())) {
      ImageException e =
          catchThrowableOfType(
              ImageException.class, () -> disk.writeCompressed(131072, ByteBuffer.allocate(65536)));
      assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
    }
  }

  @Test
  void theFirstWriteKeepsARawDataFileMarkedRaw() throws Exception {
    Path raw = home.resolve("raw.qcow2");
    String options = "data_file_raw=on,data_file=" + home.resolve("raw.data");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, raw, SIZE);
    try (DiskImage disk = DiskImage.open(raw, OpenOptions.defaults())) {
      disk.write(1000, ByteBuffer.allocate(1000));
    }
    assertThat(QemuImg.succeed("info", raw)).contains("data file raw: true");
  }
}
