package dev.monoceros.images.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import dev.monoceros.images.ToolRun;
import dev.monoceros.images.disk.DiskSource;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** File systems made by mke2fs, of every kind the reader takes. */
@ExtendWith(AptRequired.class)
class Ext4ReaderTest {
  private static final int BLOCK = 4096;

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4 -b 4096",
        "-t ext4 -b 1024",
        "-t ext4 -b 2048 -O ^64bit,^metadata_csum",
        "-t ext4 -b 65536",
        "-t ext3 -b 1024",
        "-t ext2 -b 4096",
        "-t ext2 -b 1024 -I 128"
      })
  void filesLinksAndHolesReadAsTheyWereWritten(String options) throws IOException {
    Path tree = Files.createDirectories(temporary.resolve("tree"));
    byte[] holes = holes(3 << 20);
    Files.createDirectories(tree.resolve("usr/lib/modules"));
    Files.writeString(tree.resolve("usr/lib/modules/text"), "text\n");
    Files.write(tree.resolve("holes"), holes);
    Files.write(tree.resolve("empty"), new byte[0]);
    Files.createSymbolicLink(tree.resolve("lib"), Path.of("usr/lib"));
    Files.createSymbolicLink(tree.resolve("usr/absolute"), Path.of("/lib/modules/text"));
    Files.createSymbolicLink(tree.resolve("up"), Path.of("usr/lib/../../usr/./lib/modules/text"));
    Files.createSymbolicLink(
        tree.resolve("long"), Path.of("usr/" + "./".repeat(60) + "lib/modules/text"));
    Files.createSymbolicLink(tree.resolve("loop"), Path.of("loop"));

    try (FileChannel channel = image(tree, options, "64M")) {
      Ext4Reader reader = Ext4Reader.open(DiskSource.raw(channel));

      for (String path :
          new String[] {
            "/usr/lib/modules/text",
            "lib/modules/text",
            "/usr/absolute",
            "/up",
            "/long",
            "/../lib//modules/text"
          }) {
        assertThat(reader.read(path))
            .as(path)
            .hasValueSatisfying(
                bytes -> assertThat(bytes).asString(StandardCharsets.UTF_8).isEqualTo("text\n"));
      }
      assertThat(reader.read("/holes").orElseThrow()).isEqualTo(holes);
      assertThat(reader.read("/empty").orElseThrow()).isEmpty();
      assertThat(reader.read("/loop")).isEmpty();
      assertThat(reader.read("/missing")).isEmpty();
      assertThat(reader.read("/empty/below")).isEmpty();
      assertThat(reader.read("/usr")).isEmpty();
      assertThat(reader.isDirectory("/lib/modules")).isTrue();
      assertThat(reader.isDirectory("/lost+found")).isTrue();
    }
  }

  @Test
  void aTripleIndirectBlockMapIsFollowed() throws IOException {
    // 12 direct + 256 + 256^2 blocks of 1 KiB end at 64.3 MiB.
    byte[] content = new byte[66 << 20];
    Random random = new Random(1);
    for (int at = 0; at < content.length; at += 777_777) {
      content[at] = (byte) (1 + random.nextInt(255));
    }
    Path tree = Files.createDirectories(temporary.resolve("tree"));
    Files.write(tree.resolve("big"), content);

    try (FileChannel channel = image(tree, "-t ext2 -b 1024", "80M")) {
      assertThat(
              Arrays.equals(
                  Ext4Reader.open(DiskSource.raw(channel)).read("big").orElseThrow(), content))
          .isTrue();
    }
  }

  @Test
  void aHashedDirectoryOfManyFilesIsFound() throws IOException {
    Path tree = Files.createDirectories(temporary.resolve("tree/many"));
    for (int i = 0; i < 2000; i++) {
      Files.writeString(tree.resolve("file-with-a-rather-long-name-" + i), Integer.toString(i));
    }
    image(tree.getParent(), "-t ext4 -b 1024", "32M").close();
    Path image = temporary.resolve("image");
    Tool e2fsck = cache.oracles().e2fsck();
    // -D builds the hash tree.
    ToolRun.output(e2fsck, "-fyD", image.toString());
    assertThat(
            ToolRun.output(cache.oracles().debugfs(), "-R", "htree_dump /many", image.toString()))
        .contains("Root node dump");

    try (FileChannel channel = FileChannel.open(image)) {
      Ext4Reader reader = Ext4Reader.open(DiskSource.raw(channel));
      for (int i : new int[] {0, 1, 999, 1999}) {
        assertThat(reader.read("/many/file-with-a-rather-long-name-" + i).orElseThrow())
            .asString(StandardCharsets.UTF_8)
            .isEqualTo(Integer.toString(i));
      }
    }
  }

  @Test
  void whatIsNoExt4IsRefused() {
    assertThatThrownBy(() -> Ext4Reader.open(memory(new byte[100])))
        .isInstanceOf(Ext4FormatException.class)
        .hasMessage("too small for a superblock");
    assertThatThrownBy(() -> Ext4Reader.open(memory(new byte[9000])))
        .isInstanceOf(Ext4FormatException.class)
        .hasMessage("no ext4 superblock");
  }

  @Test
  void aFeatureThatCannotBeReadIsNamed() throws IOException {
    Path tree = Files.createDirectories(temporary.resolve("tree"));
    try (FileChannel channel = image(tree, "-t ext4 -O meta_bg,^resize_inode", "16M")) {
      assertThatThrownBy(() -> Ext4Reader.open(DiskSource.raw(channel)))
          .hasMessage("the feature meta_bg is not supported");
    }
    try (FileChannel channel = image(tree, "-t ext4 -O inline_data", "16M")) {
      assertThatThrownBy(() -> Ext4Reader.open(DiskSource.raw(channel)))
          .hasMessage("the feature inline_data is not supported");
    }
  }

  @Test
  @Timeout(120)
  void aDamagedFileSystemIsReadOrRefusedAndNeverHangs() throws IOException {
    Path tree = Files.createDirectories(temporary.resolve("tree/lib/modules"));
    // One byte a block, so that most bytes that are not zero belong to structures.
    byte[] content = new byte[40 * BLOCK];
    for (int at = 0; at < content.length; at += 2 * BLOCK) {
      content[at] = 1;
    }
    Files.write(tree.resolve("holes"), content);
    Files.writeString(tree.resolve("text"), "text");
    byte[] sound;
    try (FileChannel channel = image(temporary.resolve("tree"), "-t ext4 -b 4096 -N 64", "8M")) {
      sound = new byte[(int) channel.size()];
      DiskSource.raw(channel).read(0, ByteBuffer.wrap(sound));
    }
    Random random = new Random(7);
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
      byte[] image = sound.clone();
      int damages = 1 + random.nextInt(8);
      for (int i = 0; i < damages; i++) {
        int at = random.nextInt(4) == 0 ? 1024 + random.nextInt(1024) : interesting(sound, random);
        image[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xFF);
      }
      try {
        Ext4Reader reader = Ext4Reader.open(memory(image));
        reader.read("/lib/modules/holes");
        reader.read("/lib/modules/text");
      } catch (Ext4FormatException | EOFException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(100);
  }

  /** A byte that is neither zero nor the padding of a bitmap: that is where structures are. */
  private static int interesting(byte[] image, Random random) {
    while (true) {
      int at = random.nextInt(image.length);
      if (image[at] != 0 && image[at] != (byte) 0xFF) {
        return at;
      }
    }
  }

  /** Every other block is a hole, so that extents are many and the tree has levels. */
  private static byte[] holes(int size) {
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) {
      content[i] = (i / BLOCK) % 2 == 0 ? (byte) (i * 7 + i / BLOCK + 1) : 0;
    }
    return content;
  }

  private FileChannel image(Path tree, String options, String size) throws IOException {
    Path image = temporary.resolve("image");
    List<String> arguments = new ArrayList<>(List.of("-q", "-F"));
    arguments.addAll(List.of(options.split(" ")));
    arguments.addAll(List.of("-d", tree.toString(), image.toString(), size));
    ToolRun.output(cache.imageTools().mke2fs(), arguments.toArray(String[]::new));
    return FileChannel.open(image, StandardOpenOption.READ);
  }

  private static DiskSource memory(byte[] image) {
    return new DiskSource() {
      @Override
      public long size() {
        return image.length;
      }

      @Override
      public void read(long offset, ByteBuffer into) throws IOException {
        if (offset < 0 || offset > image.length - into.remaining()) {
          throw new EOFException();
        }
        into.put(image, (int) offset, into.remaining());
      }
    };
  }
}
