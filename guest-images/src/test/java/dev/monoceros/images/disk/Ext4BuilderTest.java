package dev.monoceros.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import dev.monoceros.images.ToolRun;
import dev.monoceros.images.tree.FileContent;
import dev.monoceros.images.tree.FileTree;
import dev.monoceros.images.tree.Node;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * File systems built by mke2fs 1.47.2 and read by debugfs and e2fsck 1.47.0, which is not the
 * program that wrote them.
 */
@ExtendWith(AptRequired.class)
class Ext4BuilderTest {
  private static final String LONG_NAME = "n".repeat(255);

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @Test
  void ownersModesLinksDevicesAndTimesAreThoseOfTheTree() {
    FileTree tree =
        FileTree.builder()
            .file("etc/plain", "plain text\n", 0640)
            .add("usr/bin/su", new Node.RegularFile(FileContent.of("x"), 04755, 0, 0))
            .add("home/user/file", new Node.RegularFile(FileContent.of("u"), 0600, 1000, 100))
            .add("tmp", new Node.Directory(01777, 0, 0))
            .symlink("bin", "usr/bin")
            .symlink("long", "/" + "t".repeat(100))
            .characterDevice("dev/console", 5, 1, 0600)
            .add("dev/vda", new Node.Device(Node.Device.Type.BLOCK, 254, 0, 0660, 0, 6))
            .file("deep/" + LONG_NAME + "/" + LONG_NAME, "deep", 0644)
            .file("grün/日本", "utf-8", 0644)
            .build();
    Path raw = build(tree, "a");

    assertThat(ToolRun.output(cache.oracles().e2fsck(), "-fn", raw.toString()))
        .contains("Pass 5")
        .doesNotContain("Fix?");
    assertThat(stat(raw, "/etc/plain"))
        .contains("Mode:  0640", "User:     0   Group:     0", "Size: 11");
    assertThat(stat(raw, "/usr/bin/su")).contains("Mode:  04755");
    assertThat(stat(raw, "/home/user/file")).contains("Mode:  0600", "User:  1000   Group:   100");
    assertThat(stat(raw, "/tmp")).contains("Type: directory", "Mode:  01777");
    assertThat(stat(raw, "/bin")).contains("Fast link dest: \"usr/bin\"");
    assertThat(stat(raw, "/long")).contains("Type: symlink", "Size: 101");
    assertThat(stat(raw, "/dev/console"))
        .contains("Type: character special", "Device major/minor number: 05:01");
    assertThat(stat(raw, "/dev/vda"))
        .contains("Type: block special", "Device major/minor number: 254:00", "Group:     6");
    assertThat(debugfs(raw, "cat /etc/plain")).contains("plain text");
    assertThat(debugfs(raw, "cat /deep/" + LONG_NAME + "/" + LONG_NAME)).contains("deep");
    assertThat(debugfs(raw, "cat /grün/日本")).contains("utf-8");
    for (String time : new String[] {" ctime", " atime", " mtime", "crtime"}) {
      assertThat(stat(raw, "/etc/plain")).contains(time + ": 0x6955b900:00000000");
      assertThat(stat(raw, "/")).contains(time + ": 0x6955b900:00000000");
    }
  }

  @Test
  void aFileOfManyBlocksComesOutWhole() throws IOException {
    byte[] content = new byte[3 * 1024 * 1024 + 17];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * 31 + (i >> 12));
    }
    Path raw = build(FileTree.builder().file("big", content, 0644).build(), "a");
    Path copy = temporary.resolve("copy");

    debugfs(raw, "dump /big " + copy);

    assertThat(copy).hasBinaryContent(content);
  }

  @Test
  void theSameTreeGivesTheSameBytesElsewhereLaterAndInAnyEnvironment() throws Exception {
    FileTree tree =
        FileTree.builder()
            .file("a/b", "text", 0644)
            .characterDevice("dev/console", 5, 1, 0600)
            .build();
    Path first = build(tree, "first");
    Path other = Files.createDirectories(temporary.resolve("other/place"));
    // The time of every inode would show in whole seconds.
    Thread.sleep(1100);
    Tool plain = cache.imageTools().mke2fs();
    Map<String, String> environment = new HashMap<>(plain.environment());
    environment.put("TZ", "Asia/Tokyo");
    environment.put("LANG", "ja_JP.UTF-8");
    Path second = other.resolve("image");
    new Ext4Builder(new Tool(plain.name(), plain.command(), environment, plain.packages()))
        .build(tree, Ext4Options.ofSize(32 << 20), second);

    assertThat(Files.mismatch(first, second)).isEqualTo(-1);
  }

  @Test
  void anyChangeOfTheTreeChangesTheBytes() throws IOException {
    Path first = build(FileTree.builder().file("a", "text", 0644).build(), "a");
    Path second = build(FileTree.builder().file("a", "text", 0600).build(), "b");

    assertThat(Files.mismatch(first, second)).isNotEqualTo(-1);
  }

  @Test
  void aTreeThatDoesNotFitIsOneSentenceAndLeavesNoArchiveBehind() {
    byte[] content = new byte[20 << 20];
    Arrays.fill(content, (byte) 1);
    FileTree tree = FileTree.builder().file("big", content, 0644).build();
    Path raw = temporary.resolve("full");

    assertThatThrownBy(
            () ->
                new Ext4Builder(cache.imageTools().mke2fs())
                    .build(tree, Ext4Options.ofSize(16 << 20), raw))
        .isInstanceOfSatisfying(
            ImagesException.class,
            e -> assertThat(e.kind()).isEqualTo(ImagesException.Kind.TOOL_FAILED))
        .hasMessage(
            "mke2fs could not make "
                + raw
                + ": Could not allocate block in ext2 filesystem while writing file \"big\".");
    assertThat(temporary.resolve("full.tar")).doesNotExist();
    assertThat(raw).doesNotExist();
  }

  @Test
  void theIdsAreTheOnesGiven() {
    Path raw = build(FileTree.builder().directory("d").build(), "a");

    assertThat(ToolRun.output(cache.oracles().dumpe2fs(), "-h", raw.toString()))
        .contains(
            "Filesystem UUID:          6d6f6e6f-6365-426f-8000-0000000000f5",
            "Directory Hash Seed:      6d6f6e6f-6365-426f-8000-00000000005e",
            "Filesystem volume name:   root",
            "Block size:               4096",
            "Block count:              8192");
  }

  private Path build(FileTree tree, String name) {
    Path raw = temporary.resolve(name);
    new Ext4Builder(cache.imageTools().mke2fs()).build(tree, Ext4Options.ofSize(32 << 20), raw);
    return raw;
  }

  private String stat(Path raw, String path) {
    return debugfs(raw, "stat " + path);
  }

  /** The command goes through a file: in the C locale a JVM cannot pass all names as arguments. */
  private String debugfs(Path raw, String command) {
    Path script = temporary.resolve("debugfs.commands");
    try {
      Files.writeString(script, command + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ToolRun.output(cache.oracles().debugfs(), "-f", script.toString(), raw.toString());
  }
}
