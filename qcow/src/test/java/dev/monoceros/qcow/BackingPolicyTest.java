package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which files an image may make us open. The images are qemu-img's. */
@NeedsQemu
class BackingPolicyTest {
  private static final int SIZE = 1 << 20;

  @TempDir Path directory;
  private Path home;
  private Path overlay;
  private DiskModel model;

  @BeforeEach
  void chain() throws Exception {
    QemuImg.require();
    home = Files.createDirectory(directory.resolve("home"));
    overlay = home.resolve("overlay.qcow2");
    model = new DiskModel(SIZE);
    model.put(1000, DiskModel.pattern(300_000, 1));
  }

  /** Makes {@code base} a raw disk and puts an overlay over it by that name. */
  private void over(Path base, String name) throws Exception {
    Files.write(base, model.bytes());
    QemuImg.succeed("create", "-f", "qcow2", "-u", "-F", "raw", "-b", name, overlay, SIZE);
  }

  private static OpenOptions with(BackingPolicy policy) {
    return OpenOptions.defaults().withBacking(policy);
  }

  private ImageException refused(BackingPolicy policy) {
    return catchThrowableOfType(
        ImageException.class, () -> DiskImage.open(overlay, with(policy)).close());
  }

  private void assertRefused(String... words) {
    ImageException e = refused(BackingPolicy.SAME_DIRECTORY);
    assertThat(e).hasMessageStartingWith(overlay + ": ").hasMessageContainingAll(words);
    assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
    assertThat(e.offset()).isEqualTo(HeaderField.BACKING_FILE_OFFSET);
    assertThat(e.operation()).isEqualTo(Operation.OPEN);
  }

  private void assertServed(BackingPolicy policy) throws Exception {
    try (DiskImage image = DiskImage.open(overlay, with(policy))) {
      model.assertWholeDisk(image);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = BackingPolicy.class,
      names = {"SAME_DIRECTORY", "ALLOW"})
  void aFileBesideTheImageIsOpenedByItsRelativeName(BackingPolicy policy) throws Exception {
    over(home.resolve("base.raw"), "base.raw");
    assertServed(policy);
  }

  @Test
  void aFileBelowTheDirectoryIsOpenedAndSoIsOneByItsAbsoluteName() throws Exception {
    Path below = Files.createDirectory(home.resolve("below")).resolve("base.raw");
    over(below, "below/base.raw");
    assertServed(BackingPolicy.SAME_DIRECTORY);
    over(below, below.toAbsolutePath().toString());
    assertServed(BackingPolicy.SAME_DIRECTORY);
  }

  @Test
  void aFileElsewhereIsOpenedOnlyIfTheUserAllowsIt() throws Exception {
    over(directory.resolve("base.raw"), "../base.raw");
    assertRefused("'../base.raw'", "outside the directory of the image");
    assertServed(BackingPolicy.ALLOW);
  }

  @Test
  void aLinkThatLeadsElsewhereDoesNotHelp() throws Exception {
    Path base = directory.resolve("base.raw");
    Files.createSymbolicLink(home.resolve("link.raw"), base);
    over(base, "link.raw");
    assertRefused("outside the directory of the image");
    assertServed(BackingPolicy.ALLOW);
  }

  @Test
  void theFormatIsNeverGuessedUnlessTheUserAllowsIt() throws Exception {
    Files.write(home.resolve("base.raw"), model.bytes());
    QemuImg.succeed("create", "-f", "qcow2", "-F", "raw", "-b", "base.raw", overlay, SIZE);
    byte[] bytes = Files.readAllBytes(overlay);
    int format = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("raw") - 8;
    assertThat(ByteBuffer.wrap(bytes).getInt(format)).isEqualTo(0xe2792aca);
    ByteBuffer.wrap(bytes).putInt(format, 0x12345678);
    Files.write(overlay, bytes);
    assertRefused("'base.raw'", "does not say what format");
    assertServed(BackingPolicy.ALLOW);
  }

  @Test
  void nothingIsOpenedIfTheUserRefuses() throws Exception {
    over(home.resolve("base.raw"), "base.raw");
    ImageException e = refused(BackingPolicy.REFUSE);
    assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
    assertThat(e).hasMessageContaining("backing file 'base.raw'");
  }

  @Test
  void anIgnoredBackingFileReadsAsZeroAndNeedNotExist() throws Exception {
    over(home.resolve("base.raw"), "base.raw");
    Files.delete(home.resolve("base.raw"));
    try (DiskImage image = DiskImage.open(overlay, with(BackingPolicy.IGNORE))) {
      new DiskModel(SIZE).assertWholeDisk(image);
      assertThat(image.backing()).isEmpty();
      assertThat(image.info().backing().orElseThrow())
          .isEqualTo(new BackingReference("base.raw", java.util.Optional.of("raw")));
    }
  }

  /** The clauses are compared with those of qemu-img itself. */
  @ParameterizedTest
  @EnumSource(Damage.class)
  void whatIsWrongBelowIsSaidInQemusWords(Damage damage) throws Exception {
    String format = damage == Damage.NOT_QCOW2 ? "qcow2" : "raw";
    if (damage != Damage.MISSING) {
      Files.write(home.resolve("base.raw"), model.bytes());
    }
    QemuImg.succeed("create", "-f", "qcow2", "-u", "-F", format, "-b", "base.raw", overlay, SIZE);
    QemuImg.Result theirs = QemuImg.run("map", overlay);
    ImageException ours = refused(BackingPolicy.ALLOW);
    if (damage == Damage.NONE) {
      assertThat(ours).isNull();
      assertThat(theirs.exitCode()).isZero();
      return;
    }
    String clause = ours.getMessage().substring((overlay + ": ").length());
    assertThat(theirs.output())
        .isEqualToIgnoringNewLines("qemu-img: Could not open '" + overlay + "': " + clause);
  }

  enum Damage {
    NONE,
    MISSING,
    NOT_QCOW2
  }

  @Test
  void aLoopIsRefused() {
    Path other = home.resolve("other.qcow2");
    QemuImg.succeed(
        "create", "-f", "qcow2", "-u", "-F", "qcow2", "-b", "other.qcow2", overlay, "1M");
    QemuImg.succeed(
        "create", "-f", "qcow2", "-u", "-F", "qcow2", "-b", "overlay.qcow2", other, "1M");
    for (BackingPolicy policy :
        new BackingPolicy[] {BackingPolicy.SAME_DIRECTORY, BackingPolicy.ALLOW}) {
      ImageException e = refused(policy);
      assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
      assertThat(e).hasMessageContaining("infinite loop");
    }
  }

  @Test
  void aChainOfTwoHundredImagesIsServedAndOneMoreIsRefused() throws Exception {
    Files.write(home.resolve("0"), model.bytes());
    String format = "raw";
    for (int i = 1; i <= ImageLinks.MAX_CHAIN; i++) {
      Path image = home.resolve(String.valueOf(i));
      if (i < 3) {
        QemuImg.succeed(
            "create", "-f", "qcow2", "-u", "-F", format, "-b", String.valueOf(i - 1), image, SIZE);
      } else {
        rename(home.resolve("2"), image, i - 1);
      }
      format = "qcow2";
    }
    overlay = home.resolve(String.valueOf(ImageLinks.MAX_CHAIN - 1));
    assertServed(BackingPolicy.SAME_DIRECTORY);
    overlay = home.resolve(String.valueOf(ImageLinks.MAX_CHAIN));
    assertThat(refused(BackingPolicy.SAME_DIRECTORY)).hasMessageContaining("more than 200 images");
  }

  /** Copies an overlay and puts it over image {@code number}. */
  private static void rename(Path from, Path to, int number) throws Exception {
    byte[] bytes = Files.readAllBytes(from);
    byte[] name = String.valueOf(number).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    header.put((int) header.getLong(HeaderField.BACKING_FILE_OFFSET), name);
    header.putInt(HeaderField.BACKING_FILE_SIZE, name.length);
    Files.write(to, bytes);
  }
}
