package dev.monoceros.images.deb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.commons.io.file.PathUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeUnpackerTest {
  @TempDir Path temporary;
  private Path tree;

  @BeforeEach
  void makeTree() throws IOException {
    tree = Files.createDirectory(temporary.resolve("tree"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".gz", ".xz", ".zst"})
  void everyCompressionOfDataTarIsUnpacked(String suffix) throws IOException {
    unpack(new DebBuilder().file("./usr/x", "text", 0644), suffix);

    assertThat(tree.resolve("usr/x")).hasContent("text");
  }

  @Test
  void theOldTopDirectoriesLandBelowUsr() throws IOException {
    unpack(
        new DebBuilder()
            .file("./lib/a/liba.so.1.2", "a", 0644)
            .symlink("./lib/a/liba.so.1", "liba.so.1.2")
            .symlink("./lib64/ld.so", "/lib/a/liba.so.1")
            .file("./sbin/tool", "s", 0755)
            .file("./library/x", "x", 0644),
        ".xz");

    assertThat(tree.resolve("usr/lib/a/liba.so.1")).isSymbolicLink().hasContent("a");
    assertThat(tree.resolve("usr/lib64/ld.so")).isSymbolicLink().hasContent("a");
    assertThat(Files.readSymbolicLink(tree.resolve("usr/lib64/ld.so")))
        .isEqualTo(Path.of("../lib/a/liba.so.1"));
    assertThat(tree.resolve("usr/sbin/tool")).isExecutable();
    assertThat(tree.resolve("library/x")).exists();
  }

  @Test
  void modesBecomePlainAndSetIdBitsAndDevicesAreDropped() throws IOException {
    unpack(
        new DebBuilder()
            .file("./usr/bin/su", "", 04755)
            .file("./etc/shadow", "", 0600)
            .device("./dev/null"),
        ".gz");

    assertThat((int) Files.getAttribute(tree.resolve("usr/bin/su"), "unix:mode") & 07777)
        .isEqualTo(0755);
    assertThat((int) Files.getAttribute(tree.resolve("etc/shadow"), "unix:mode") & 07777)
        .isEqualTo(0644);
    assertThat(tree.resolve("dev/null")).doesNotExist();
  }

  @Test
  void hardLinksShareTheirContent() throws IOException {
    unpack(
        new DebBuilder().file("./usr/bin/a", "a", 0755).hardlink("./usr/bin/b", "./usr/bin/a"),
        ".xz");

    assertThat(Files.isSameFile(tree.resolve("usr/bin/a"), tree.resolve("usr/bin/b"))).isTrue();
  }

  @Test
  void aLaterPackageReplacesAFileAndNeverWritesThroughALink() throws IOException {
    unpack(new DebBuilder().file("./etc/one", "one", 0644).symlink("./etc/two", "one"), ".xz");
    unpack(new DebBuilder().file("./etc/two", "two", 0644), ".xz");

    assertThat(tree.resolve("etc/one")).hasContent("one");
    assertThat(tree.resolve("etc/two")).isRegularFile().hasContent("two");
  }

  @Test
  void documentationIsLeftOut() throws IOException {
    unpack(
        new DebBuilder()
            .file("./usr/share/doc/p/copyright", "c", 0644)
            .file("./usr/share/docs", "d", 0644),
        ".xz");

    assertThat(tree.resolve("usr/share/doc")).doesNotExist();
    assertThat(tree.resolve("usr/share/docs")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../evil", "./../evil", "./usr/../../evil", "/../evil", "./usr/.."})
  void aNameThatClimbsIsRefused(String name) throws IOException {
    assertThatThrownBy(() -> unpack(new DebBuilder().file(name, "x", 0644), ".xz"))
        .isInstanceOf(ImagesException.class)
        .hasMessage("p.deb has an entry that points out of its own tree: " + name + ".");
    assertThat(temporary.resolve("evil")).doesNotExist();
  }

  @Test
  void anAbsoluteNameLandsInTheTree() throws IOException {
    unpack(new DebBuilder().file("/etc/passwd-of-monoceros-test", "x", 0644), ".xz");

    assertThat(tree.resolve("etc/passwd-of-monoceros-test")).exists();
    assertThat(Path.of("/etc/passwd-of-monoceros-test")).doesNotExist();
  }

  @Test
  void aLinkThatLeavesTheTreeIsRefused() {
    assertThatThrownBy(() -> unpack(new DebBuilder().symlink("./out", "../../.."), ".xz"))
        .isInstanceOf(ImagesException.class);
  }

  @Test
  void aDirectoryLinkCarriesAFileToItsPlaceInTheTree() throws IOException {
    unpack(
        new DebBuilder()
            .directory("./etc")
            .symlink("./usr/out", "/etc")
            .file("./usr/out/monoceros-test", "x", 0644),
        ".xz");

    assertThat(Path.of("/etc/monoceros-test")).doesNotExist();
    assertThat(tree.resolve("etc/monoceros-test")).exists();
  }

  @Test
  void aFileBehindALinkToNowhereIsRefused() {
    assertThatThrownBy(
            () ->
                unpack(
                    new DebBuilder().symlink("./usr/out", "/etc").file("./usr/out/x", "x", 0644),
                    ".xz"))
        .isInstanceOf(ImagesException.class);
  }

  @Test
  void linksThatClimbThroughOtherLinksAreRefused() throws IOException {
    // usr/a/b -> the tree's root is fine; usr/a/b/../x is not what its text says once b is
    // followed.
    Files.createDirectories(tree.resolve("usr/a"));
    assertThatThrownBy(
            () ->
                unpack(
                    new DebBuilder()
                        .symlink("./usr/a/b", "../..")
                        .symlink("./usr/a/b/c", "../../evil"),
                    ".xz"))
        .isInstanceOf(ImagesException.class);
  }

  @Test
  void whatIsNoPackageIsNamedAsSuch() throws IOException {
    Path file = temporary.resolve("p.deb");
    Files.writeString(file, "!<arch>\n");
    assertThatThrownBy(() -> new TreeUnpacker(tree).unpack(file))
        .hasMessage("p.deb is not a Debian package: its first member is not debian-binary.");
    DebBuilder.write(file, "3.0\n", "data.tar", new byte[0]);
    assertThatThrownBy(() -> new TreeUnpacker(tree).unpack(file))
        .hasMessage("p.deb is not a Debian package: its format version is 3.0, not 2.");
    DebBuilder.write(file, "2.0\n", "data.tar.rar", new byte[0]);
    assertThatThrownBy(() -> new TreeUnpacker(tree).unpack(file))
        .hasMessageContaining("compressed in an unknown way: data.tar.rar");
    DebBuilder.write(file, "2.0\n", "other", new byte[0]);
    assertThatThrownBy(() -> new TreeUnpacker(tree).unpack(file))
        .hasMessageEndingWith("it has no data.tar.");
  }

  @Property(tries = 300)
  void aDamagedPackageIsUnpackedOrRefusedButNeverMore(
      @ForAll @IntRange(min = 0, max = 700) int at, @ForAll byte value) throws IOException {
    Path directory = Files.createTempDirectory("deb");
    try {
      Path file =
          new DebBuilder()
              .file("./usr/x", "text", 0644)
              .symlink("./usr/y", "x")
              .write(directory.resolve("p.deb"), ".xz");
      byte[] bytes = Files.readAllBytes(file);
      bytes[at % bytes.length] = value;
      Files.write(file, bytes);
      Path root = Files.createDirectory(directory.resolve("tree"));
      try {
        new TreeUnpacker(root).unpack(file);
      } catch (ImagesException e) {
        assertThat(e.kind()).isEqualTo(ImagesException.Kind.BAD_INPUT);
      }
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(List.copyOf(files.toList())).hasSize(2);
      }
    } finally {
      PathUtils.deleteDirectory(directory);
    }
  }

  private void unpack(DebBuilder deb, String suffix) throws IOException {
    new TreeUnpacker(tree).unpack(deb.write(temporary.resolve("p.deb"), suffix));
  }
}
