package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The usage in README.md is run, and is what is run. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");
  private static final Path THIS = Path.of("src/test/java/dev/monoceros/qcow/ReadmeTest.java");

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
  void theUsageInTheReadmeIsTheOneThatIsRun() throws Exception {
    List<String> source = Files.readAllLines(THIS);
    int from = source.indexOf("    // README");
    int to = source.lastIndexOf("    // README");
    String run =
        source.subList(from + 1, to).stream()
            .map(line -> line.isEmpty() ? line : line.substring(4))
            .collect(Collectors.joining("\n", "```java\n", "\n```"));
    assertThat(Files.readString(README)).contains(run);
  }
}
