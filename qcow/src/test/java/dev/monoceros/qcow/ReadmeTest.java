package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.graph.BlockGraph;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The usage in README.md is run, and is what is run. */
@NeedsQemu
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Path THIS = Path.of("src/test/java/dev/monoceros/qcow/ReadmeTest.java");

  /** Lines between two of these are shown in the README. */
  private static final String MARK = "    // README";

  @TempDir Path directory;

  @Test
  void theUsageInTheReadmeWorks() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    usage(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      byte[] text = new byte[5];
      image.read(2 << 20, ByteBuffer.wrap(text));
      assertThat(text).asString(StandardCharsets.US_ASCII).isEqualTo("hello");
      assertThat(image.size()).isEqualTo(10L << 30);
    }
  }

  @Test
  void theMoreThatTheReadmeShowsWorks() throws Exception {
    Path path = directory.resolve("disk.qcow2");
    usage(path);
    more(path);
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults())) {
      assertThat(image.size()).isEqualTo(20L << 30);
      assertThat(image.snapshots().list()).extracting(Snapshot::name).containsExactly("installed");
    }
    QemuImg.assertClean(path);
    QemuImg.assertClean(path.resolveSibling("overlay.qcow2"));
  }

  private static void more(Path path) throws IOException {
    // README
    try (DiskImage image = DiskImage.open(path, OpenOptions.defaults());
        SeekableByteChannel channel = image.channel()) {
      // The disk for a library that reads channels: a file system, a partition table, a digest.
      channel.position(2 << 20).write(ByteBuffer.wrap("HELLO".getBytes(StandardCharsets.US_ASCII)));

      image.snapshots().create("installed", Instant.now().getEpochSecond(), 0);
      image.discard(0, 1 << 20);
      image.resize(20L << 30, Preallocation.OFF, false);

      for (long at = 0; at < image.size(); ) {
        Extent extent = image.extent(at, image.size() - at);
        System.out.println(extent.offset() + "+" + extent.length() + " data: " + extent.data());
        at = extent.end();
      }

      CheckReport report = image.check(Repair.NONE);
      System.out.println(report.clean() ? "no errors" : String.join("\n", report.messages()));
    }

    // A new image over it. Names may be any of QEMU's, such as json:{...}.
    BackingReference below = new BackingReference("disk.qcow2", Optional.of("qcow2"));
    CreateOptions overlay = CreateOptions.qcow2(20L << 30).withBacking(Optional.of(below));
    DiskImage.create(path.resolveSibling("overlay.qcow2"), overlay).close();
    String name = path.resolveSibling("overlay.qcow2").toString();
    try (DiskImage image = BlockGraph.open(name, Optional.empty(), OpenOptions.defaults())) {
      System.out.println(image.info().backing().orElseThrow());
    }
    // README
  }

  private static void usage(Path path) throws ImageException {
    // README
    try (DiskImage image = DiskImage.create(path, CreateOptions.qcow2(10L << 30))) {
      image.write(2 << 20, ByteBuffer.wrap("hello".getBytes(StandardCharsets.US_ASCII)));
      image.flush();
    }

    OpenOptions options = OpenOptions.defaults().withFormat(ImageFormat.QCOW2).withSnapshot(true);
    try (DiskImage image = DiskImage.open(path, options)) {
      image.writeZeroes(65536, 1 << 20, true);
      image.write(4096, MemorySegment.ofArray(new byte[8192]));

      ByteBuffer text = ByteBuffer.allocate(5);
      image.read(2 << 20, text);

      CacheStats l2 = image.stats().l2();
      System.out.println(l2.hits() + " hits, " + l2.misses() + " misses");
    } catch (ImageException e) {
      // One sentence that names the file; kind() and offset() are for programs.
      System.err.println(e.getMessage());
    }
    // README
  }

  @Test
  void whatTheReadmeShowsIsWhatIsRun() throws Exception {
    List<String> source = Files.readAllLines(THIS);
    String readme = Files.readString(README);
    int blocks = 0;
    int from = source.indexOf(MARK);
    while (from >= 0) {
      List<String> rest = source.subList(from + 1, source.size());
      int length = rest.indexOf(MARK);
      String run =
          rest.subList(0, length).stream()
              .map(line -> line.isEmpty() ? line : line.substring(4))
              .collect(Collectors.joining("\n", "```java\n", "\n```"));
      assertThat(readme).contains(run);
      blocks++;
      int next = rest.subList(length + 1, rest.size()).indexOf(MARK);
      from = next < 0 ? -1 : from + 1 + length + 1 + next;
    }
    assertThat(blocks).isEqualTo(2);
    assertThat(readme.split("```java", -1)).hasSize(blocks + 1);
  }
}
