package dev.monoceros.images.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that a guest may write to harm its host. */
class ReceivedFilesTest {
  private static final String VICTIM = "not to be touched";

  @TempDir Path temporary;
  private Path target;
  private Path victim;

  @BeforeEach
  void directories() throws IOException {
    target = temporary.resolve("host/target");
    Files.createDirectories(target.getParent());
    victim = Files.writeString(temporary.resolve("host/victim"), VICTIM);
  }

  private record Entry(String name, byte type, String text, int mode) {
    static Entry directory(String name) {
      return new Entry(name, TarConstants.LF_DIR, "", 0755);
    }

    static Entry file(String name, String text) {
      return new Entry(name, TarConstants.LF_NORMAL, text, 0644);
    }

    static Entry symlink(String name, String to) {
      return new Entry(name, TarConstants.LF_SYMLINK, to, 0777);
    }

    static Entry link(String name, String to) {
      return new Entry(name, TarConstants.LF_LINK, to, 0644);
    }
  }

  private Path archive(Entry... entries) throws IOException {
    Path file = temporary.resolve("archive.tar");
    try (OutputStream out = Files.newOutputStream(file);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
      for (Entry entry : entries) {
        TarArchiveEntry header = new TarArchiveEntry(entry.name(), entry.type(), true);
        byte[] data =
            entry.type() == TarConstants.LF_NORMAL
                ? entry.text().getBytes(StandardCharsets.UTF_8)
                : new byte[0];
        header.setSize(data.length);
        header.setMode(entry.mode());
        header.setLinkName(data.length == 0 ? entry.text() : "");
        tar.putArchiveEntry(header);
        tar.write(data);
        tar.closeArchiveEntry();
      }
    }
    return file;
  }

  private List<String> unpack(Entry... entries) throws IOException {
    return ReceivedFiles.unpack(archive(entries), target);
  }

  private void requireRefusal(Entry... entries) throws IOException {
    Path archive = archive(entries);
    assertThatThrownBy(() -> ReceivedFiles.unpack(archive, target))
        .isInstanceOf(ImagesException.class)
        .hasMessageStartingWith("What the guest wrote cannot be taken: ");
    requireVictim();
  }

  private void requireVictim() throws IOException {
    assertThat(victim).hasContent(VICTIM);
    try (Stream<Path> beside = Files.list(victim.getParent())) {
      assertThat(beside).isSubsetOf(victim, target);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"t/../victim", "t/../../host/victim", "t/a/../../victim", "/../victim"})
  void aNameWithDotsIsRefused(String name) throws IOException {
    requireRefusal(Entry.directory("t/"), Entry.directory("t/a/"), Entry.file(name, "gone"));
  }

  @Test
  void anAbsoluteNameStaysBelowTheTarget() throws IOException {
    unpack(Entry.directory("t/"), Entry.file("/victim", "taken"));
    assertThat(target.resolve("victim")).hasContent("taken");
    requireVictim();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/etc", "..", "../victim", "a/../../victim", "a/../..", "./../victim", "down/.."})
  void aLinkThatLeadsOutIsLeftOut(String to) throws IOException {
    List<String> notes =
        unpack(
            Entry.directory("t/"),
            Entry.directory("t/a/"),
            Entry.symlink("t/down", "."),
            Entry.symlink("t/link", to));
    assertThat(notes).containsExactly("link is a link that leads out of it");
    assertThat(Files.exists(target.resolve("link"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void aLinkInsideIsKept() throws IOException {
    assertThat(
            unpack(
                Entry.directory("t/"),
                Entry.directory("t/a/"),
                Entry.symlink("t/a/up", "../file"),
                Entry.file("t/file", "found")))
        .isEmpty();
    assertThat(target.resolve("a/up")).hasContent("found");
  }

  @Test
  void nothingIsWrittenThroughALink() throws IOException {
    Files.createDirectory(target);
    Files.createSymbolicLink(target.resolve("mine"), Path.of(".."));
    requireRefusal(Entry.directory("t/"), Entry.file("t/mine/victim", "gone"));
    unpack(Entry.directory("t/"), Entry.file("t/mine", "replaced"));
    assertThat(target.resolve("mine")).isRegularFile().hasContent("replaced");
    requireVictim();
  }

  @Test
  void aHardLinkLeadsOnlyToWhatWasCopied() throws IOException {
    assertThat(
            unpack(
                Entry.directory("t/"),
                Entry.file("t/a", "one"),
                Entry.link("t/b", "t/a"),
                Entry.link("t/c", "t/victim")))
        .containsExactly("c is a link to nothing that was copied");
    assertThat(Files.isSameFile(target.resolve("a"), target.resolve("b"))).isTrue();
    requireRefusal(Entry.directory("t/"), Entry.link("t/d", "t/../victim"));
  }

  @Test
  void setIdBitsAndDevicesDoNotArrive() throws IOException {
    List<String> notes =
        unpack(
            Entry.directory("t/"),
            new Entry("t/su", TarConstants.LF_NORMAL, "x", 07755),
            new Entry("t/mem", TarConstants.LF_CHR, "", 0666));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("su"))))
        .isEqualTo("rwxr-xr-x");
    assertThat((Integer) Files.getAttribute(target.resolve("su"), "unix:mode") & 07000).isZero();
    assertThat(notes).hasSize(1);
    assertThat(target.resolve("mem")).doesNotExist();
  }

  @Test
  void aFileIsNoDirectory() throws IOException {
    requireRefusal(Entry.file("t", "x"), Entry.file("t/below", "y"));
  }

  @Test
  void extendedHeadersAndSparseFilesAreRefusedUnread() throws IOException {
    for (byte type :
        new byte[] {
          TarConstants.LF_PAX_EXTENDED_HEADER_LC,
          TarConstants.LF_PAX_GLOBAL_EXTENDED_HEADER,
          TarConstants.LF_GNUTYPE_SPARSE
        }) {
      Path archive = archive(Entry.file("t", "x"));
      overwrite(archive, 156, new byte[] {type});
      assertThatThrownBy(() -> ReceivedFiles.unpack(archive, target))
          .hasMessageContaining("an entry of a kind that the agent does not write");
    }
  }

  @Test
  void aSizeBeyondTheFileIsRefused() throws IOException {
    Path archive = archive(Entry.file("t", "x"));
    overwrite(archive, 124, "77777777777\0".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> ReceivedFiles.unpack(archive, target))
        .hasMessageContaining("it is cut short");
  }

  /** Changes the first header, and its checksum. */
  private static void overwrite(Path archive, int offset, byte[] field) throws IOException {
    byte[] bytes = Files.readAllBytes(archive);
    System.arraycopy(field, 0, bytes, offset, field.length);
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += i >= 148 && i < 156 ? ' ' : bytes[i] & 0xff;
    }
    byte[] check = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(check, 0, bytes, 148, 8);
    Files.write(archive, bytes);
  }

  @Test
  void garbageIsRefusedOrHarmless() throws IOException {
    Random random = new Random(7);
    byte[] good = Files.readAllBytes(archive(Entry.directory("t/"), Entry.file("t/a", "one")));
    for (int round = 0; round < 500; round++) {
      byte[] bytes = good.clone();
      for (int i = 0; i < 1 + round % 5; i++) {
        bytes[random.nextInt(1600)] = (byte) random.nextInt(256);
      }
      Path file = Files.write(temporary.resolve("garbage.tar"), bytes);
      try {
        ReceivedFiles.unpack(file, target);
      } catch (ImagesException e) {
        assertThat(e.getMessage()).endsWith(".");
      }
      requireVictim();
    }
  }

  @Test
  void aDiskThatNothingWasWrittenToHasNothing() throws IOException {
    Path file = temporary.resolve("empty.tar");
    try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
      disk.setLength(1 << 20);
    }
    assertThat(ReceivedFiles.unpack(file, target)).isEmpty();
    assertThat(target).doesNotExist();
  }
}
