package dev.monoceros.images.initramfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import dev.monoceros.images.ToolRun;
import dev.monoceros.images.tree.FileTree;
import dev.monoceros.images.tree.Node;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(AptRequired.class)
class CpioWriterTest {
  private static final long TIME = 1_767_225_600L;

  @TempDir Path temporary;

  @Test
  void theHeaderIsTheOneOfTheKernelsDocumentation() throws IOException {
    FileTree tree = FileTree.builder().file("a", "xy", 0640).build();

    String text = new String(write(tree), StandardCharsets.ISO_8859_1);

    // buffer-format: magic, ino, mode, uid, gid, nlink, mtime, filesize, maj, min, rmaj, rmin,
    // namesize, chksum; all hex of 8.
    assertThat(text)
        .startsWith(
            "070701"
                + "00000001"
                + "000081a0"
                + "00000000"
                + "00000000"
                + "00000001"
                + "6955b900"
                + "00000002"
                + "00000000"
                + "00000000"
                + "00000000"
                + "00000000"
                + "00000002"
                + "00000000"
                + "a\0"
                + "xy\0\0"
                + "070701");
    assertThat(text.length() % 512).isZero();
    assertThat(text.stripTrailing()).contains("TRAILER!!!");
  }

  @Test
  void gnuCpioWritesTheSameBytesForTheSameFiles() throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("in"));
    Files.writeString(directory.resolve("alpha"), "some text");
    Files.writeString(directory.resolve("beta"), "");
    Files.createSymbolicLink(directory.resolve("gamma"), Path.of("alpha"));
    for (String name : List.of("alpha", "beta")) {
      Files.setPosixFilePermissions(
          directory.resolve(name), PosixFilePermissions.fromString("rw-r--r--"));
      Files.setLastModifiedTime(
          directory.resolve(name), FileTime.from(Instant.ofEpochSecond(TIME)));
    }
    setLinkTime(directory.resolve("gamma"));
    Path list = temporary.resolve("list");
    Files.writeString(list, "alpha\nbeta\ngamma\n");
    Path output = temporary.resolve("gnu.cpio");
    Tool cpio = PackageCache.open(CacheOptions.defaults()).oracles().cpio();
    List<String> command =
        cpio.commandLine(
            "-o",
            "-H",
            "newc",
            "--renumber-inodes",
            "--ignore-devno",
            "--quiet",
            "-R",
            "+0:+0",
            "-O",
            output.toString(),
            "-D",
            directory.toString());
    run(command, list);

    FileTree tree =
        FileTree.builder()
            .file("alpha", "some text", 0644)
            .file("beta", "", 0644)
            .symlink("gamma", "alpha")
            .build();

    String ours = asciiLowerHex(write(tree));
    // GNU cpio counts inodes from 0, which Commons Compress takes for "none given": ours start at
    // 1.
    for (int inode = 1; inode <= tree.nodes().size(); inode++) {
      ours = ours.replace("0707010000000" + inode, "0707010000000" + (inode - 1));
    }
    assertThat(ours).isEqualTo(asciiLowerHex(Files.readAllBytes(output)));
  }

  @Test
  void gnuCpioListsOwnersModesDevicesAndOrder() throws IOException {
    FileTree tree =
        FileTree.builder()
            .file("sbin/init", "#!", 0755)
            .characterDevice("dev/console", 5, 1, 0600)
            .add("dev/vda", new Node.Device(Node.Device.Type.BLOCK, 254, 16, 0660, 0, 6))
            .symlink("init", "sbin/init")
            .build();
    Path file = temporary.resolve("ours.cpio");
    Initramfs.write(tree, file);
    Tool cpio = PackageCache.open(CacheOptions.defaults()).oracles().cpio();

    String listing = ToolRun.outputFrom(file, cpio, "-itvn", "--quiet");

    assertThat(listing.lines().map(line -> line.replaceAll(" +", " ")))
        .containsExactly(
            "drwxr-xr-x 2 0 0 0 Jan 1 2026 dev",
            "crw------- 1 0 0 5, 1 Jan 1 2026 dev/console",
            "brw-rw---- 1 0 6 254, 16 Jan 1 2026 dev/vda",
            "lrwxrwxrwx 1 0 0 9 Jan 1 2026 init -> sbin/init",
            "drwxr-xr-x 2 0 0 0 Jan 1 2026 sbin",
            "-rwxr-xr-x 1 0 0 2 Jan 1 2026 sbin/init");
  }

  @Test
  void timesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> new CpioWriter(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new CpioWriter(1L << 32)).isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] write(FileTree tree) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new CpioWriter(TIME).write(tree, out);
    return out.toByteArray();
  }

  /**
   * GNU cpio prints header digits in upper case; the kernel takes both (init/initramfs.c,
   * simple_strntoul).
   */
  private static String asciiLowerHex(byte[] archive) {
    return new String(archive, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
  }

  private static void setLinkTime(Path link) throws IOException {
    BasicFileAttributeView view =
        Files.getFileAttributeView(link, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    FileTime time = FileTime.from(Instant.ofEpochSecond(TIME));
    view.setTimes(time, time, null);
  }

  private static void run(List<String> command, Path input) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectInput(input.toFile());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as(said).isZero();
  }
}
