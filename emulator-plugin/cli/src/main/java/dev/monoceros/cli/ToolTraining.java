package dev.monoceros.cli;

import dev.monoceros.cli.tool.Tool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A round of commands from which the JVM learns what {@code img} and {@code io} load, for its cache
 * of classes. What they print is thrown away, and so are the images.
 */
final class ToolTraining {
  /**
   * Words are separated by blanks; an {@code @} stands for the directory, a {@code ~} for a blank
   * inside a word.
   */
  private static final List<String> ROUND =
      List.of(
          "img create -f qcow2 @a.qcow2 4M",
          "img create -f qcow2 -o compat=1.1,lazy_refcounts=on,size=4M @b.qcow2",
          "img create -f qcow2 -b a.qcow2 -F qcow2 @c.qcow2",
          "img create @d.raw 1M",
          "io -c write~0~1M -c read~0~64k @a.qcow2",
          "io @a.qcow2",
          "img info @a.qcow2",
          "img info --output=json @a.qcow2",
          "img info --backing-chain @c.qcow2",
          "img info nosuch",
          "img check @a.qcow2",
          "img check --output=json @a.qcow2",
          "img map @c.qcow2",
          "img map --output=json @c.qcow2",
          "img snapshot -c s @a.qcow2",
          "img snapshot -l @a.qcow2",
          "img info @a.qcow2",
          "img snapshot -d s @a.qcow2",
          "img bitmap --add @a.qcow2 b",
          "img bitmap --remove @a.qcow2 b",
          "img resize @a.qcow2 +1M",
          "img amend -o compat=0.10 @a.qcow2",
          "img measure -O qcow2 @a.qcow2",
          "img convert -O qcow2 @a.qcow2 @e.qcow2",
          "img convert -c -O qcow2 @a.qcow2 @f.qcow2",
          "img compare @a.qcow2 @e.qcow2",
          "img rebase -u -b a.qcow2 -F qcow2 @c.qcow2",
          "img commit @c.qcow2",
          "img bench -c 10 @a.qcow2",
          "img dd if=@a.qcow2 of=@g.raw",
          "img --version",
          "img --help");

  /** Standard input, which {@code io} reads where it is given no command. */
  private static final String COMMANDS =
      """
      read -q 4096 4096
      read -q -P 0xcd 64k 8k
      aio_read -q 131072 4096
      aio_flush
      write -q -P 3 192k 4k
      """;

  private static final int REPEATS = 100;

  private ToolTraining() {}

  static void run() throws IOException {
    Path directory = Files.createTempDirectory("monoceros-train");
    try {
      for (String line : ROUND) {
        String[] words = line.split(" ");
        Arrays.setAll(words, i -> words[i].replace("@", directory + "/").replace('~', ' '));
        ToolMain.run(words[0], silent("qemu-" + words[0]), ToolMain.words(words, 1));
      }
    } finally {
      delete(directory);
    }
  }

  private static Tool silent(String name) {
    Tool process = Tool.ofProcess(name);
    return new Tool(
        name,
        new ByteArrayInputStream(COMMANDS.repeat(REPEATS).getBytes(StandardCharsets.US_ASCII)),
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream(),
        process.environment(),
        process.clock(),
        process.nanos());
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      paths.sorted(Comparator.reverseOrder()).forEach(ToolTraining::deleteOne);
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
