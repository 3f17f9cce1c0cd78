package dev.monoceros.qcow.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of images in images, and options that override them, against qemu-img. */
@NeedsQemu
class ChainsTest {
  private static final OpenOptions READ =
      OpenOptions.defaults().withReadOnly(true).withBacking(BackingPolicy.ALLOW);
  private static final int BACKING_FORMAT = 0xE2792ACA;

  @TempDir Path directory;

  @BeforeEach
  void images() throws Exception {
    QemuImg.require();
    Files.createDirectory(directory.resolve("sub"));
    SplittableRandom random = new SplittableRandom(5);
    for (String name : List.of("base.raw", "other.raw", "sub/base.raw", "a:b", "sub/a:b")) {
      byte[] bytes = new byte[1 << 20];
      random.nextBytes(bytes);
      Files.write(directory.resolve(name), bytes);
    }
    for (String name : List.of("base", "other", "sub/base")) {
      QemuImg.succeed(
          "convert",
          "-f",
          "raw",
          "-O",
          "qcow2",
          directory.resolve(name + ".raw"),
          directory.resolve(name + ".qcow2"));
    }
  }

  /** An image over {@code backing}, with that format in its header or with none. */
  private Path over(String name, String backing, String format) throws Exception {
    Path image = directory.resolve(name);
    // Under another name, because qemu-img refuses to make a loop.
    Path made = directory.resolve("made.qcow2");
    QemuImg.succeed("create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", backing, made, "1M");
    byte[] bytes = Files.readAllBytes(made);
    ByteBuffer header = ByteBuffer.wrap(bytes);
    int at = 0;
    while (header.getInt(at) != BACKING_FORMAT) {
      at++;
    }
    if (format.isEmpty()) {
      // The end of the extensions.
      header.putInt(at, 0);
    } else {
      header.putInt(at + 4, format.length());
      header.put(at + 8, new byte[8]).put(at + 8, format.getBytes(StandardCharsets.US_ASCII));
    }
    Files.write(image, bytes);
    return image;
  }

  private byte[] theirs(Object... source) throws Exception {
    Path raw = directory.resolve("theirs.raw");
    Object[] command = new Object[source.length + 4];
    command[0] = "convert";
    command[1] = "-O";
    command[2] = "raw";
    System.arraycopy(source, 0, command, 3, source.length);
    command[command.length - 1] = raw;
    QemuImg.succeed(command);
    return Files.readAllBytes(raw);
  }

  private static byte[] contents(DiskImage image) throws ImageException {
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(image.size()));
    image.read(0, bytes);
    return bytes.array();
  }

  private void assertSameAsTheirs(String name) throws Exception {
    QemuImg.Result theirs = QemuImg.run("map", name);
    try (DiskImage image = BlockGraph.open(name, Optional.empty(), READ)) {
      assertThat(theirs.exitCode()).as(theirs.output()).isZero();
      assertThat(contents(image)).isEqualTo(theirs(name));
    } catch (ImageException e) {
      assertThat("qemu-img: Could not open '" + name + "': " + e.sentence() + "\n")
          .isEqualTo(theirs.output());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "base.qcow2",
        "base.raw",
        "@/base.qcow2",
        "./base.qcow2",
        "../sub/base.qcow2",
        "file:base.qcow2",
        "file:@/base.qcow2",
        "a:b",
        "./a:b",
        "file:a:b",
        "nosuch",
        "foo:base.qcow2",
        "null-co://",
        "json:{\"driver\":\"null-co\"}",
        "json:{\"driver\":\"qcow2\",\"file\":{\"driver\":\"file\",\"filename\":\"@/base.qcow2\"}}",
        "json:{\"file.filename\":\"base.qcow2\"}",
        "json:{",
        "json:{\"driver\":\"nope\"}"
      })
  void aBackingNameWithoutAFormatIsUnderstoodAsQemuDoes(String name) throws Exception {
    String backing = name.replace("@", directory.toString());
    assertSameAsTheirs(over("top.qcow2", backing, "").toString());
    assertSameAsTheirs(over("sub/top.qcow2", backing, "").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2", "qcow", "nope", "null-co", "file", "throttle"})
  void aStatedFormatIsObeyed(String format) throws Exception {
    for (String backing : List.of("base.qcow2", "base.raw")) {
      Path top = over("top.qcow2", backing, format);
      if (format.equals("qcow")) {
        // What is said of a header of another version is the reader's matter.
        assertThat(catchThrowableOfType(ImageException.class, () -> open(top).close())).isNotNull();
      } else if (!format.equals("qcow2") || backing.equals("base.qcow2")) {
        assertSameAsTheirs(top.toString());
      }
    }
  }

  private static DiskImage open(Path path) throws ImageException {
    return BlockGraph.open(path.toString(), Optional.empty(), READ);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "backing.file.filename=@/other.qcow2",
        "backing.driver=qcow2,backing.file.filename=@/other.qcow2",
        "backing.driver=raw,backing.file.filename=@/other.raw",
        "backing.driver=raw",
        "backing.driver=raw,backing.offset=64k,backing.file.filename=@/other.raw",
        "backing.file.filename=@/base.qcow2",
        "backing.driver=null-co",
        "backing.driver=null-co,backing.size=4k,backing.file.filename=x",
        "backing.file.filename=@/nosuch",
        "backing=nonode",
        "backing.foo=1",
        "backing.file.filename=@/other.qcow2,backing.foo=1",
        "backing.backing.driver=null-co"
      })
  void optionsOverrideTheImageBelow(String options) throws Exception {
    Path top = over("top.qcow2", "base.qcow2", "qcow2");
    String text =
        "driver=qcow2,file.filename="
            + top
            + (options.isEmpty() ? "" : ",")
            + options.replace("@", directory.toString());
    QemuImg.Result theirs = QemuImg.run("map", "--image-opts", text);
    try (DiskImage image = BlockGraph.openOptions(text, READ)) {
      assertThat(theirs.exitCode()).as(theirs.output()).isZero();
      assertThat(contents(image)).isEqualTo(theirs("--image-opts", text));
    } catch (ImageException e) {
      assertThat("qemu-img: Could not open '" + text + "': " + e.sentence() + "\n")
          .isEqualTo(theirs.output());
    }
  }

  @Test
  void backingNullLeavesTheImageBelowOut() throws Exception {
    Path top = over("top.qcow2", "base.qcow2", "qcow2");
    String name = "json:{\"driver\":\"qcow2\",\"backing\":null,\"file.filename\":\"" + top + "\"}";
    try (DiskImage image = BlockGraph.open(name, Optional.empty(), READ)) {
      assertThat(contents(image)).isEqualTo(theirs(name)).containsOnly(0);
      assertThat(image.backing()).isEmpty();
    }
  }

  @Test
  void aNameThatLeadsBackToTheImageIsALoop() throws Exception {
    for (String backing : List.of("top.qcow2", directory.resolve("top.qcow2").toString())) {
      Path top = over("top.qcow2", backing, "qcow2");
      ImageException e = catchThrowableOfType(ImageException.class, () -> open(top).close());
      assertThat(e).hasMessageContaining("Backing file '" + top + "' creates an infinite loop.");
    }
    // Here no name comes twice; the number of images is bounded all the same.
    Path top = over("sub/top.qcow2", "./top.qcow2", "qcow2");
    ImageException e = catchThrowableOfType(ImageException.class, () -> open(top).close());
    assertThat(e).hasMessageContaining("more than 256 nodes are stacked");
  }

  @Test
  void theImageBelowIsNamedInFull() throws Exception {
    Path top = over("sub/top.qcow2", "base.qcow2", "qcow2");
    String text = "driver=qcow2,file.driver=raw,file.file.filename=" + top;
    OpenOptions look = READ.withBacking(BackingPolicy.IGNORE);
    for (boolean options : new boolean[] {false, true}) {
      try (DiskImage image =
          options
              ? BlockGraph.openOptions(text, look)
              : BlockGraph.open(top.toString(), Optional.empty(), look)) {
        ImageInfo info = image.info();
        String theirs =
            options ? QemuImg.succeed("info", "--image-opts", text) : QemuImg.succeed("info", top);
        assertThat(theirs)
            .contains(
                "backing file: base.qcow2 (actual path: "
                    + info.backingPath().orElseThrow()
                    + ")\n")
            .startsWith("image: " + info.fileName() + "\n");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"base.qcow2", "other.qcow2"})
  void anOverriddenChainIsNamedAsQemuDoes(String backing) throws Exception {
    Path top = over("top.qcow2", directory.resolve("base.qcow2").toString(), "qcow2");
    String text =
        "driver=qcow2,file.filename=%s,backing.file.filename=%s"
            .formatted(top, directory.resolve(backing));
    Path upper = directory.resolve("upper.qcow2");
    try (DiskImage image = BlockGraph.openOptions(text, READ)) {
      String plain = top.toString();
      boolean same = backing.equals("base.qcow2");
      assertThat(image.info().fileName().equals(plain)).isEqualTo(same);
      if (!same) {
        QemuImg.succeed(
            "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", image.info().fileName(), upper);
        assertThat(theirs(upper)).isEqualTo(contents(image));
      }
    }
  }

  @Test
  void otherPoliciesAreKept() throws Exception {
    Path outside = over("sub/top.qcow2", "../base.qcow2", "qcow2");
    Path inside = over("sub/in.qcow2", "base.qcow2", "qcow2");
    Path unstated = over("sub/un.qcow2", "base.qcow2", "");
    OpenOptions same = READ.withBacking(BackingPolicy.SAME_DIRECTORY);
    BlockGraph.open(inside.toString(), Optional.empty(), same).close();
    for (Path path : List.of(outside, unstated)) {
      assertThat(
              catchThrowableOfType(
                  ImageException.class,
                  () -> BlockGraph.open(path.toString(), Optional.empty(), same).close()))
          .hasMessageContaining("needs the backing file");
    }
    OpenOptions refuse = READ.withBacking(BackingPolicy.REFUSE);
    assertThat(
            catchThrowableOfType(
                ImageException.class,
                () -> BlockGraph.open(inside.toString(), Optional.empty(), refuse).close()))
        .hasMessageContaining("backing files are not allowed");
  }
}
