package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuBitmap;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import dev.monoceros.qcow.oracle.RecordingFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Section "Bitmaps": what is written is marked, and QEMU believes it. */
@NeedsQemu
class BitmapTest {
  private static final int SIZE = 4 << 20;
  private static final int BITMAPS_EXTENSION = 0x23852875;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
    QemuIo.require();
    QemuBitmap.require();
  }

  private Path image(String options) {
    Path path = directory.resolve("disk.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", options, path, SIZE);
    return path;
  }

  private static DiskImage open(Path path) throws ImageException {
    return DiskImage.open(path, OpenOptions.defaults());
  }

  /** What the image's own bitmap says of each sector. */
  private static boolean[] ours(DiskImage image, String name) throws ImageException {
    boolean[] dirty = new boolean[(int) (image.size() / 512)];
    for (int i = 0; i < dirty.length; i++) {
      dirty[i] = image.bitmaps().test(name, i * 512L);
    }
    return dirty;
  }

  private static void assertRange(boolean[] dirty, int from, int to) {
    for (int i = 0; i < dirty.length; i++) {
      assertThat(dirty[i]).as("sector %d", i).isEqualTo(i >= from && i < to);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cluster_size=65536", "cluster_size=512", "cluster_size=4096,refcount_bits=2"})
  void qemuSeesTheBitsOfOurWrites(String options) throws Exception {
    Path path = image(options);
    QemuImg.succeed("bitmap", "--add", "-g", "4096", path, "theirs");
    try (DiskImage image = open(path)) {
      image.bitmaps().add("ours", 4096, true);
      image.bitmaps().add("off", Bitmaps.DEFAULT_GRANULARITY, false);
      image.write(5000, ByteBuffer.wrap(new byte[9000]));
      image.writeZeroes(1 << 20, 1 << 16, true);
      image.discard(2 << 20, 1 << 16);
      image.write(SIZE - 1, ByteBuffer.wrap(new byte[1]));
      assertThat(image.bitmaps().list()).noneMatch(Bitmap::inUse);
    }
    QemuImg.assertClean(path);
    boolean[] wanted = new boolean[SIZE / 512];
    mark(wanted, 4096, 16384);
    mark(wanted, 1 << 20, (1 << 20) + (1 << 16));
    mark(wanted, 2 << 20, (2 << 20) + (1 << 16));
    mark(wanted, SIZE - 4096, SIZE);
    assertThat(QemuBitmap.dirtySectors(path, "ours", SIZE)).isEqualTo(wanted);
    assertThat(QemuBitmap.dirtySectors(path, "theirs", SIZE)).isEqualTo(wanted);
    assertThat(QemuBitmap.dirtySectors(path, "off", SIZE)).isEqualTo(new boolean[SIZE / 512]);
    try (DiskImage image = open(path)) {
      assertThat(ours(image, "ours")).isEqualTo(wanted);
    }
  }

  private static void mark(boolean[] sectors, int from, int to) {
    for (int i = from / 512; i < to / 512; i++) {
      sectors[i] = true;
    }
  }

  @Test
  void weSeeTheBitsOfQemusWrites() throws Exception {
    Path path = image("cluster_size=4096");
    QemuImg.succeed("bitmap", "--add", "-g", "512", path, "theirs");
    QemuIo.run(path, List.of("write 64k 10k", "write -z 1M 1M"));
    boolean[] qemu = QemuBitmap.dirtySectors(path, "theirs", SIZE);
    try (DiskImage image = open(path)) {
      assertThat(ours(image, "theirs")).isEqualTo(qemu);
      image.bitmaps().clear("theirs");
      assertRange(ours(image, "theirs"), 0, 0);
      image.bitmaps().disable("theirs");
      image.write(0, ByteBuffer.wrap(new byte[512]));
      image.bitmaps().enable("theirs");
      image.write(512, ByteBuffer.wrap(new byte[512]));
    }
    QemuImg.assertClean(path);
    assertRange(QemuBitmap.dirtySectors(path, "theirs", SIZE), 1, 2);
    QemuIo.run(path, List.of("write 1k 512"));
    try (DiskImage image = open(path)) {
      assertRange(ours(image, "theirs"), 1, 3);
      image.bitmaps().remove("theirs");
      assertThat(image.bitmaps().list()).isEmpty();
    }
    QemuImg.assertClean(path);
  }

  @Test
  void mergingSetsTheBitsOfAnotherGranularity() throws Exception {
    Path path = image("cluster_size=65536");
    Path other = directory.resolve("other.qcow2");
    QemuImg.succeed("create", "-f", "qcow2", other, SIZE);
    QemuImg.succeed("bitmap", "--add", "-g", "65536", other, "coarse");
    QemuIo.run(other, List.of("write 100k 1"));
    try (DiskImage image = open(path);
        DiskImage source = open(other)) {
      image.bitmaps().add("fine", 512, true);
      image.write(0, ByteBuffer.wrap(new byte[1024]));
      image.bitmaps().merge("fine", source, "coarse");
    }
    boolean[] wanted = new boolean[SIZE / 512];
    mark(wanted, 0, 1024);
    mark(wanted, 65536, 131072);
    assertThat(QemuBitmap.dirtySectors(path, "fine", SIZE)).isEqualTo(wanted);
  }

  @Test
  void aResizedImageHasResizedBitmaps() throws Exception {
    Path path = image("cluster_size=512");
    try (DiskImage image = open(path)) {
      image.bitmaps().add("b", 512, true);
      image.write(0, ByteBuffer.wrap(new byte[SIZE]));
      image.resize(1_000_960, Preallocation.OFF, true);
      image.resize(3 << 20, Preallocation.OFF, false);
      image.write((3 << 20) - 512, ByteBuffer.wrap(new byte[512]));
    }
    QemuImg.assertClean(path);
    boolean[] wanted = new boolean[(3 << 20) / 512];
    mark(wanted, 0, 1_000_960);
    mark(wanted, (3 << 20) - 512, 3 << 20);
    assertThat(QemuBitmap.dirtySectors(path, "b", 3 << 20)).isEqualTo(wanted);
  }

  @Test
  void aCutWhileTheDiskIsWrittenNeverLeavesABitmapThatMissesAWrite() throws Exception {
    Path path = image("cluster_size=4096");
    QemuImg.succeed("bitmap", "--add", "-g", "4096", path, "b");
    RecordingFile file = new RecordingFile(MemoryFile.load(path));
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(new byte[] {1}));
      image.flush();
      image.write(1 << 20, ByteBuffer.wrap(new byte[] {1}));
    }
    int trusted = 0;
    for (int cut = 0; cut <= file.events(); cut++) {
      try (DiskImage image =
          DiskImage.open(
              new MemoryFile(file.cutAt(cut)), OpenOptions.defaults().withReadOnly(true))) {
        Bitmap bitmap = image.bitmaps().list().getFirst();
        ByteBuffer first = ByteBuffer.allocate(1);
        image.read(0, first);
        if (!bitmap.inUse()) {
          trusted++;
          assertThat(image.bitmaps().test("b", 0)).isEqualTo(first.get(0) == 1);
        }
      }
      Files.write(path, file.cutAt(cut));
      assertThat(QemuImg.check(path)).isIn(QemuImg.Check.CLEAN, QemuImg.Check.LEAKS);
    }
    assertThat(trusted).isBetween(2, file.events() - 2);
  }

  @Test
  void aBitmapThatWasNotSavedIsRefusedInQemusWordsButCanBeRemoved() throws Exception {
    Path path = image("cluster_size=4096");
    QemuImg.succeed("bitmap", "--add", path, "b");
    RecordingFile file = new RecordingFile(MemoryFile.load(path));
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      image.write(0, ByteBuffer.wrap(new byte[] {1}));
      image.flush();
      Files.write(path, file.bytes());
    }
    assertThat(QemuImg.succeed("info", path)).contains("in-use");
    String said = QemuImg.run("bitmap", "--clear", path, "b").output().lines().findFirst().get();
    String clause = said.replace("qemu-img: Operation clear on bitmap b failed: ", "");
    try (DiskImage image = open(path)) {
      assertThatThrownBy(() -> image.bitmaps().clear("b")).hasMessageEndingWith(": " + clause);
      assertThatThrownBy(() -> image.resize(8 << 20, Preallocation.OFF, false))
          .hasMessageEndingWith(": " + clause);
      image.write(0, ByteBuffer.wrap(new byte[] {2}));
      assertThat(image.bitmaps().list().getFirst().inUse()).isTrue();
      image.bitmaps().remove("b");
    }
    QemuImg.assertClean(path);
  }

  @Test
  void whatQemuRefusesIsRefusedInItsWords() throws Exception {
    Path path = image("cluster_size=65536");
    QemuImg.succeed("bitmap", "--add", path, "b");
    try (DiskImage image = open(path)) {
      assertThatThrownBy(() -> image.bitmaps().add("b", 0, true))
          .hasMessageEndingWith(": " + said(path, "--add", "b"));
      assertThatThrownBy(() -> image.bitmaps().remove("no"))
          .hasMessageEndingWith(": " + said(path, "--remove", "no"));
      assertThatThrownBy(() -> image.bitmaps().add("x", 1000, true))
          .hasMessageEndingWith("Granularity must be power of 2 and at least 512");
      image.snapshots().create("s", 0, 0);
      assertThatThrownBy(() -> image.snapshots().apply("s"))
          .hasMessageEndingWith("Device has active dirty bitmaps");
    }
    assertThat(QemuImg.run("snapshot", "-a", "s", path).output())
        .contains("Device has active dirty bitmaps");
  }

  /** Offset of the directory, of which the extension before {@code at} tells. */
  private static int directoryOf(ByteBuffer file) {
    int at = 0;
    while (file.getInt(at) != BITMAPS_EXTENSION || file.getInt(at + 4) != 24) {
      at += 8;
    }
    return at + 8;
  }

  @Test
  void aNameThatIsNotTextIsKeptByteForByte() throws Exception {
    Path path = image("cluster_size=4096");
    QemuImg.succeed("bitmap", "--add", path, "abcdefgh");
    QemuImg.succeed("bitmap", "--add", path, "second");
    byte[] file = Files.readAllBytes(path);
    ByteBuffer bytes = ByteBuffer.wrap(file);
    byte[] name = {-1, -2, 'c', -1, -1, -1, -1, -1};
    bytes.put((int) bytes.getLong(directoryOf(bytes) + 16) + 24, name);
    Files.write(path, file);

    try (DiskImage image = open(path)) {
      image.write(0, ByteBuffer.allocate(1));
      image.bitmaps().add("third", 4096, true);
    }

    bytes = ByteBuffer.wrap(Files.readAllBytes(path));
    int directory = (int) bytes.getLong(directoryOf(bytes) + 16);
    byte[] kept = new byte[name.length];
    bytes.get(directory + 24, kept);
    assertThat(kept).isEqualTo(name);
    QemuImg.assertClean(path);
    assertThat(QemuBitmap.dirtySectors(path, "second", SIZE)[0]).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "8, 8, 'Broken bitmap directory'",
    "0, 1, 'More bitmaps found than specified in header extension'",
    "0, 3, 'Less bitmaps found than specified in header extension'",
    "-64, 2, 'Requested bitmap directory size is zero'"
  })
  void aDirectoryThatIsNotWhatTheHeaderSaysIsRefusedInQemusWords(
      int longer, int count, String sentence) throws Exception {
    Path path = image("cluster_size=4096");
    QemuImg.succeed("bitmap", "--add", path, "abcdefgh");
    QemuImg.succeed("bitmap", "--add", path, "second");
    byte[] file = Files.readAllBytes(path);
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int at = directoryOf(bytes);
    bytes.putInt(at, count).putLong(at + 8, bytes.getLong(at + 8) + longer);
    Files.write(path, file);

    assertThat(QemuImg.run("info", path).output()).endsWith("': " + sentence + "\n");
    try (DiskImage image = open(path)) {
      assertThatThrownBy(() -> image.bitmaps().list())
          .isInstanceOfSatisfying(
              ImageException.class,
              e -> {
                assertThat(e.sentence()).isEqualTo(sentence);
                assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
              });
    }
    OpenOptions check = OpenOptions.defaults().withForCheck(true).withReadOnly(true);
    assertThatThrownBy(() -> DiskImage.open(path, check))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.sentence()).isEqualTo(sentence));
  }

  private String said(Path path, String operation, String name) throws Exception {
    Path copy = directory.resolve("copy.qcow2");
    Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING);
    return QemuImg.run("bitmap", operation, copy, name)
        .output()
        .strip()
        .replaceAll(".* failed: ", "");
  }
}
