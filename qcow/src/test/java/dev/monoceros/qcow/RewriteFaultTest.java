package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.FaultyFile;
import dev.monoceros.qcow.oracle.ImageState;
import dev.monoceros.qcow.oracle.MemoryFile;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The host fails any one access within a change of the image as a whole: the caller is told, the
 * image is the old one or the new one, it goes on working, and a second attempt succeeds.
 */
@NeedsQemu
class RewriteFaultTest {
  private static final int SIZE = 1 << 18;

  @TempDir Path directory;

  @BeforeAll
  static void oracle() {
    QemuImg.require();
  }

  /** A change that may be repeated. */
  interface Change {
    void make(DiskImage image) throws ImageException;
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of("apply", (Change) image -> image.snapshots().apply("one")),
        Arguments.of("grow", (Change) image -> image.resize(1 << 20, Preallocation.METADATA, true)),
        Arguments.of("shrink", (Change) image -> image.resize(4096, Preallocation.OFF, true)),
        Arguments.of("emptied", (Change) DiskImage::makeEmpty),
        Arguments.of("cleared", (Change) image -> image.bitmaps().clear("b")),
        Arguments.of(
            "backing",
            (Change)
                image ->
                    image.changeBacking(
                        Optional.of(new BackingReference("x", Optional.of("raw"))))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void aFailedAccessLosesNothing(String name, Change change) throws Exception {
    byte[] origin = prepare(name);
    ImageState before = ImageState.of(origin);
    ImageState after = ImageState.of(changed(origin, change));
    int fired = 0;
    for (int n = 0; ; n++) {
      FaultyFile file = new FaultyFile(origin);
      try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
        file.failAfter(n, 1, n % 2 == 0 ? "Input/output error" : "No space left on device");
        try {
          change.make(image);
        } catch (ImageException e) {
          assertThat(e.kind()).isIn(ErrorKind.IO, ErrorKind.NO_SPACE);
        }
        boolean failed = file.fired();
        file.heal();
        if (!failed) {
          break;
        }
        fired++;
        assertThat(ImageState.of(file.bytes())).as("%s, access %d", name, n).isIn(before, after);
        change.make(image);
      }
      assertThat(ImageState.of(file.bytes())).as("%s, access %d", name, n).isEqualTo(after);
      Path path = directory.resolve("left.qcow2");
      Files.write(path, file.bytes());
      assertThat(checkWithoutBacking(path)).as("%s, access %d", name, n).isIn(0, 3);
    }
    assertThat(fired).as("accesses that were made to fail").isGreaterThan(8);
  }

  private static int checkWithoutBacking(Path path) {
    QemuImg.run("rebase", "-u", "-b", "", path);
    return QemuImg.run("check", path).exitCode();
  }

  private static byte[] changed(byte[] origin, Change change) throws ImageException {
    MemoryFile file = new MemoryFile(origin);
    try (DiskImage image = DiskImage.open(file, OpenOptions.defaults())) {
      change.make(image);
    }
    return file.bytes();
  }

  private byte[] prepare(String name) throws Exception {
    Path path = directory.resolve(name + ".qcow2");
    QemuImg.succeed("create", "-f", "qcow2", "-o", "cluster_size=4096", path, SIZE);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      image.write(10_000, ByteBuffer.wrap(DiskModel.pattern(100_000, 1)));
      image.snapshots().create("one", 0, 0);
      image.write(50_000, ByteBuffer.wrap(DiskModel.pattern(100_000, 2)));
      if (name.equals("cleared")) {
        image.bitmaps().add("b", 0, true);
      }
    }
    return Files.readAllBytes(path);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damages")
  void aDamagedTableIsRefusedInOneSentence(String name, int field, int value) throws Exception {
    byte[] file = prepare("cleared");
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int table = (int) bytes.getLong(64);
    bytes.putInt(table + field, value);
    OpenOptions options = OpenOptions.defaults();
    try (DiskImage image = DiskImage.open(new MemoryFile(file), options)) {
      assertThatThrownBy(() -> image.snapshots().delete("one"))
          .as(name)
          .isInstanceOfSatisfying(
              ImageException.class,
              e -> assertThat(e.kind()).isIn(ErrorKind.CORRUPT, ErrorKind.NOT_FOUND));
      byte[] first = new byte[10];
      image.read(10_000, ByteBuffer.wrap(first));
      assertThat(first).as("the disk itself is well").doesNotContain(0);
    }
  }

  static Stream<Arguments> damages() {
    return Stream.of(
        Arguments.of("L1 table far beyond the file", 0, 0x7fffffff),
        Arguments.of("L1 table not aligned", 4, 0x1234),
        Arguments.of("L1 table of 2^32 entries", 8, -1),
        Arguments.of("names of 64 KiB each", 12, -1),
        Arguments.of("extra data of 2^32 bytes", 36, -1));
  }
}
