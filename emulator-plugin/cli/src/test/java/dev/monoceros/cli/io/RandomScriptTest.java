package dev.monoceros.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/**
 * Any script, run by the real qemu-io and by ours on equal images: both print the same, and leave
 * disks that compare equal and check clean.
 */
class RandomScriptTest {
  private static final int SIZE = 3 << 20;
  private static final String COMPRESSED = "write -c ";

  /** An image before the script. */
  record Image(String format, String options) {
    String name() {
      return format.equals("raw") ? "disk.raw" : "disk.qcow2";
    }

    /** Bytes; 64 KiB where the options leave it to QEMU. */
    int clusterSize() {
      Matcher size = Pattern.compile("cluster_size=(\\d+)([kM]?)").matcher(options);
      if (!size.find()) {
        return 64 << 10;
      }
      int unit = size.group(2).isEmpty() ? 0 : size.group(2).equals("k") ? 10 : 20;
      return Integer.parseInt(size.group(1)) << unit;
    }
  }

  @Provide
  Arbitrary<Image> images() {
    return Arbitraries.of(
        new Image("raw", ""),
        new Image("qcow2", "compat=0.10"),
        new Image("qcow2", "cluster_size=512"),
        new Image("qcow2", "cluster_size=64k"),
        new Image("qcow2", "cluster_size=4k,refcount_bits=1"),
        new Image("qcow2", "cluster_size=16k,extended_l2=on"),
        new Image("qcow2", "cluster_size=8k,compression_type=zstd"),
        new Image("qcow2", "cluster_size=16k,backing_file=base.qcow2,backing_fmt=qcow2"),
        new Image("qcow2", "extended_l2=on,backing_file=base.qcow2,backing_fmt=qcow2"),
        new Image("qcow2", "cluster_size=2M,refcount_bits=64"));
  }

  @Provide
  Arbitrary<List<String>> scripts() {
    Arbitrary<Integer> unaligned = Arbitraries.integers().between(0, SIZE + 1000);
    Arbitrary<Integer> aligned = Arbitraries.integers().between(0, SIZE / 4096).map(n -> n * 4096);
    Arbitrary<Integer> offsets = Arbitraries.frequencyOf(entry(2, unaligned), entry(3, aligned));
    Arbitrary<Integer> lengths =
        Arbitraries.frequencyOf(
            entry(2, Arbitraries.integers().between(0, 5000)),
            entry(2, Arbitraries.integers().between(0, 100).map(n -> n * 4096)),
            entry(1, Arbitraries.integers().between(0, SIZE)));
    Arbitrary<Integer> few = Arbitraries.integers().between(0, 200);
    Arbitrary<Integer> patterns = Arbitraries.integers().between(0, 3);
    return Arbitraries.frequencyOf(
            entry(6, command("write -P %d %d %d", patterns, offsets, lengths)),
            entry(2, command("write -q -z %2$d %3$d", patterns, offsets, lengths)),
            entry(2, command("write -zu %2$d %3$d", patterns, offsets, lengths)),
            entry(1, command(COMPRESSED + "-P %d %d", patterns, aligned, lengths)),
            entry(1, command("alloc %2$d %3$d", patterns, offsets, lengths)),
            entry(1, Arbitraries.just("map")),
            entry(2, command("writev -P %d %d %d 1k 7", patterns, offsets, lengths)),
            entry(
                2,
                command("aio_write -P %d %d %d", patterns, offsets, lengths)
                    .map(line -> line + "\naio_flush")),
            entry(
                1,
                command("aio_write -z %2$d %3$d", patterns, offsets, lengths)
                    .map(line -> line + "\naio_flush")),
            entry(2, command("discard %2$d %3$d", patterns, offsets, lengths)),
            entry(4, command("read -P %d %d %d", patterns, offsets, lengths)),
            entry(2, command("read -v %2$d %3$d", patterns, offsets, few)),
            entry(1, command("readv -v %2$d %3$d 3", patterns, offsets, few)),
            entry(
                1,
                command("aio_read -P %d %d %d", patterns, offsets, lengths)
                    .map(line -> line + "\naio_flush")),
            entry(1, Arbitraries.of("flush", "length", "reopen -c none", "close\nopen @", "bogus")))
        .list()
        .ofMaxSize(30);
  }

  private static <T> Tuple2<Integer, Arbitrary<? extends T>> entry(int weight, Arbitrary<T> value) {
    return Tuple.of(weight, value);
  }

  private static Arbitrary<String> command(
      String text,
      Arbitrary<Integer> pattern,
      Arbitrary<Integer> offset,
      Arbitrary<Integer> length) {
    return Combinators.combine(pattern, offset, length)
        .as((p, o, l) -> String.format(text, p, o, l));
  }

  @Property(tries = 40, shrinking = ShrinkingMode.BOUNDED)
  void anyScriptDoesTheSameInBothTools(
      @ForAll("images") Image image, @ForAll("scripts") List<String> script) throws Exception {
    Tools tools = Tools.open();
    Path directory = Files.createTempDirectory("random-script");
    try {
      Path template = Files.createDirectory(directory.resolve("template"));
      create(tools, template, image);
      Path ours = Tools.copy(template, directory.resolve("ours"));
      Path theirs = Tools.copy(template, directory.resolve("theirs"));
      Outcome expected =
          tools.theirs(theirs, arguments(image, theirs), placed(script, image, theirs));
      Outcome actual = Tools.ours(ours, arguments(image, ours), placed(script, image, ours));
      assertThat(actual).isEqualTo(expected);
      String format = image.format();
      String mine = "" + ours.resolve(image.name());
      String other = "" + theirs.resolve(image.name());
      tools.img(directory, "compare", "-f", format, "-F", format, mine, other);
      if (format.equals("qcow2")) {
        tools.img(directory, "check", "-q", mine);
      }
    } finally {
      delete(directory);
    }
  }

  private static void create(Tools tools, Path directory, Image image) throws Exception {
    if (image.options().contains("backing_file")) {
      tools.img(directory, "create", "-q", "-f", "qcow2", "base.qcow2", "2M");
      List<String> base = List.of("-f", "qcow2", directory.resolve("base.qcow2").toString());
      tools.theirs(directory, base, "write -P 9 100k 1M\nwrite -z 0 64k\n");
    }
    if (image.options().isEmpty()) {
      tools.img(directory, "create", "-q", "-f", image.format(), image.name(), "" + SIZE);
    } else {
      tools.img(
          directory,
          "create",
          "-q",
          "-f",
          image.format(),
          "-o",
          image.options(),
          image.name(),
          "" + SIZE);
    }
  }

  private static List<String> arguments(Image image, Path directory) {
    return List.of("-f", image.format(), directory.resolve(image.name()).toString());
  }

  private static String placed(List<String> script, Image image, Path directory) {
    String open = "open -o driver=" + image.format() + " " + directory.resolve(image.name());
    return String.join("\n", compressing(script, image)).replace("open @", open) + "\n";
  }

  /**
   * The script with its compressed writes in the form that QEMU 7.2 survives:
   *
   * <ul>
   *   <li>One cluster each (two commands for two clusters). The clusters of one command are written
   *       in parallel there; when one of them fails because its place is taken, chance decides
   *       which of the others were written.
   *   <li>On a newly opened image when clusters may have been freed since the last one. QEMU goes
   *       on behind the last compressed data although that cluster was freed, and perhaps given to
   *       a table or to other data, in the meantime: it overwrites it, or marks the image as
   *       corrupt.
   * </ul>
   */
  private static List<String> compressing(List<String> script, Image image) {
    List<String> lines = new ArrayList<>();
    boolean mayHaveFreed = false;
    for (String line : script) {
      if (line.startsWith(COMPRESSED)) {
        if (mayHaveFreed) {
          lines.addAll(List.of("close", "open @"));
        }
        String start = line.substring(0, line.lastIndexOf(' ') + 1);
        int size = image.clusterSize();
        int offset = Integer.parseInt(line.substring(start.length())) / size * size;
        lines.add(start + offset + " " + size);
        lines.add(start + (offset + size) + " " + size);
        mayHaveFreed = false;
      } else {
        lines.add(line);
        mayHaveFreed |= line.contains("write") || line.startsWith("discard");
      }
    }
    return lines;
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
