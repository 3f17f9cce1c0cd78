package dev.monoceros.images.root;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Progress;
import dev.monoceros.images.ToolRun;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Directories packed by mke2fs 1.47.2 and read by debugfs and e2fsck 1.47.0. */
@ExtendWith(AptRequired.class)
class RootImagesTest {
  private static final long GIB = 1L << 30;

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());
  private Path root;

  @BeforeEach
  void directory() throws IOException {
    root = Files.createDirectory(temporary.resolve("root"));
  }

  private RootImages images() {
    return images(Progress.NONE, GIB);
  }

  private RootImages images(Progress progress, long kept) {
    return new RootImages(temporary.resolve("cache"), cache.imageTools().mke2fs(), progress, kept);
  }

  private Path image() {
    return images().obtain(root, false).file();
  }

  private String debugfs(Path image, String request) {
    return ToolRun.output(cache.oracles().debugfs(), "-R", request, image.toString());
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void filesModesLinksAndFifosAreThoseOfTheDirectoryAndBelongToRoot() throws Exception {
    Path program = Files.writeString(root.resolve("program"), "#!/bin/sh\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createLink(root.resolve("second-name"), program);
    Files.createSymbolicLink(root.resolve("link"), Path.of("no/where"));
    Files.createDirectories(root.resolve("a/b"));
    Files.write(root.resolve("a/b/large"), new byte[300_000]);
    run("mkfifo", root.resolve("fifo").toString());
    Path image = image();

    assertThat(ToolRun.output(cache.oracles().e2fsck(), "-fn", image.toString()))
        .contains("Pass 5")
        .doesNotContain("Fix?");
    assertThat(debugfs(image, "stat /program"))
        .contains("Mode:  0751", "User:     0   Group:     0", "Links: 2", "Size: 10");
    assertThat(debugfs(image, "stat /second-name")).contains("Links: 2");
    assertThat(debugfs(image, "stat /link")).contains("Fast link dest: \"no/where\"");
    assertThat(debugfs(image, "stat /fifo")).contains("Type: FIFO");
    assertThat(debugfs(image, "stat /a/b/large")).contains("Size: 300000");
    assertThat(debugfs(image, "features")).doesNotContain("has_journal");
  }

  @Test
  void aNameKeepsItsBytesWhateverTheyMean() throws Exception {
    URI name = URI.create(root.toUri() + "x%FF%E9%0Ay");
    Files.writeString(Path.of(name), "found");
    Files.createSymbolicLink(root.resolve("l"), Path.of(name).getFileName());
    Path raw = image();

    Path dumped = temporary.resolve("dumped");
    run("mkdir", dumped.toString());
    debugfs(raw, "rdump / " + dumped);
    assertThat(Path.of(URI.create(dumped.toUri() + "x%FF%E9%0Ay"))).hasContent("found");
    assertThat(dumped.resolve("l")).hasContent("found");
  }

  @Test
  void aSocketIsLeftOut() throws Exception {
    Files.writeString(root.resolve("file"), "x");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(root.resolve("socket")));
      assertThat(debugfs(image(), "ls /")).contains("file").doesNotContain("socket");
    }
  }

  @Test
  void mountPointsAreThereAndEmptyWhateverTheDirectoryHas() throws Exception {
    Files.createDirectory(root.resolve("tmp"));
    Files.writeString(root.resolve("tmp/rubbish"), "x");
    Files.writeString(root.resolve("proc"), "a file");
    Path image = image();
    for (String name : List.of("dev", "proc", "run", "sys", "tmp")) {
      assertThat(debugfs(image, "stat /" + name)).contains("Type: directory");
    }
    assertThat(debugfs(image, "ls /tmp")).doesNotContain("rubbish");
  }

  @Test
  void theSameContentsElsewhereGiveTheSameBytes() throws Exception {
    Files.createDirectory(root.resolve("d"));
    Files.writeString(root.resolve("d/file"), "contents");
    Path other = Files.createDirectories(temporary.resolve("far/away"));
    run("cp", "-r", root + "/d", other.toString());
    Files.setLastModifiedTime(other.resolve("d/file"), FileTime.fromMillis(0));

    Path first = image();
    Path second = images().obtain(other, false).file();
    assertThat(second).isNotEqualTo(first);
    assertThat(Files.mismatch(first, second)).isEqualTo(-1);
  }

  @Test
  void aDirectoryIsPackedAgainOnlyWhenItChanged() throws Exception {
    Path file = Files.writeString(root.resolve("file"), "one");
    Path first = image();
    assertThat(images((p, s, d, t) -> failBuild(p), GIB).obtain(root, false).file())
        .isEqualTo(first);

    FileTime before = Files.getLastModifiedTime(file);
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, before);
    assertThat(debugfs(image(), "cat /file")).contains("two");
  }

  private static void failBuild(Progress.Phase phase) {
    assertThat(phase).isNotEqualTo(Progress.Phase.BUILD);
  }

  @Test
  void aDirectoryThatChangesWhileItIsPackedIsPackedAnew() throws Exception {
    Path file = Files.write(root.resolve("file"), new byte[1 << 20]);
    AtomicInteger changes = new AtomicInteger();
    Progress once =
        (phase, subject, done, total) -> {
          if (phase == Progress.Phase.BUILD && done > 0 && changes.getAndIncrement() == 0) {
            append(file);
          }
        };
    Path image = images(once, GIB).obtain(root, false).file();
    assertThat(debugfs(image, "stat /file")).contains("Size: " + Files.size(file));
  }

  @Test
  void aDirectoryThatKeepsChangingIsRefusedAndNothingIsKept() throws Exception {
    Path file = Files.write(root.resolve("file"), new byte[1 << 20]);
    Progress always =
        (phase, subject, done, total) -> {
          if (phase == Progress.Phase.BUILD && done > 0) {
            append(file);
          }
        };
    assertThatThrownBy(() -> images(always, GIB).obtain(root, false))
        .isInstanceOf(ImagesException.class)
        .hasMessageContaining("keeps changing while it is packed")
        .hasMessageContaining("file");
    try (Stream<Path> left = Files.list(temporary.resolve("cache/roots"))) {
      assertThat(left).isEmpty();
    }
  }

  private static void append(Path file) {
    try {
      Files.write(file, new byte[] {1}, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theImageThatWasNotUsedForLongestGoesWhenThereAreTooMany() throws Exception {
    Files.writeString(root.resolve("file"), "one");
    Path first = image();
    Files.writeString(root.resolve("file"), "second");
    Path second = image();
    Files.setLastModifiedTime(first, FileTime.fromMillis(2000));
    Files.setLastModifiedTime(second, FileTime.fromMillis(1000));
    Files.writeString(root.resolve("file"), "the third");
    long two = 2 * (Files.size(first) - RootImages.FREE_BYTES);
    Path third = images(Progress.NONE, two + two / 4).obtain(root, false).file();
    assertThat(first).exists();
    assertThat(second).doesNotExist();
    assertThat(third).exists();
  }

  @Test
  void whatIsNoDirectoryIsRefusedInASentence() throws Exception {
    Path file = Files.writeString(temporary.resolve("file"), "x");
    assertThatThrownBy(() -> images().obtain(file, false)).hasMessage(file + " is no directory.");
    assertThatThrownBy(() -> images().obtain(temporary.resolve("none"), false))
        .hasMessage(temporary.resolve("none") + " does not exist.");
  }
}
