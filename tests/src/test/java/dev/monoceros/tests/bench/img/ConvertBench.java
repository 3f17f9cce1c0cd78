package dev.monoceros.tests.bench.img;

import dev.monoceros.tests.bench.Host;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.commons.io.FileUtils;

/**
 * {@code convert} and {@code convert -c} of a 2 GiB image with an ext4 of real files, ours and
 * QEMU's. Arguments: number of runs (5), directory of the files (the unpacked packages of the
 * package cache).
 */
public final class ConvertBench {
  private static final int DEFAULT_RUNS = 5;
  private static final String SIZE = "2G";

  private ConvertBench() {}

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path files =
        arguments.length > 1
            ? Path.of(arguments[1])
            : Guests.cache().options().directory().resolve("tree");
    Path directory = Files.createTempDirectory(ImgBench.memory(), "convert-bench");
    try {
      System.out.println(Host.describe());
      Path source = source(directory, files);
      System.out.printf(Locale.ROOT, "Source: %,d bytes of qcow2.%n", Files.size(source));
      Peers peers = new Peers(runs);
      measure(peers, "convert", source, directory.resolve("plain.qcow2"));
      measure(peers, "convert -c", source, directory.resolve("packed.qcow2"));
      peers.print();
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static Path source(Path directory, Path files) throws IOException {
    Path raw = directory.resolve("files.raw");
    Path source = directory.resolve("source.qcow2");
    Images.output(
        Guests.cache().imageTools().mke2fs(),
        "-q",
        "-t",
        "ext4",
        "-d",
        files.toString(),
        raw.toString(),
        SIZE);
    Images.output(
        Guests.oracles().qemuImg(),
        "convert",
        "-f",
        "raw",
        "-O",
        "qcow2",
        raw.toString(),
        source.toString());
    Files.delete(raw);
    return source;
  }

  /** The target is new in each run; what is left at the end is ours. */
  private static void measure(Peers peers, String command, Path source, Path target)
      throws IOException {
    String arguments = command + " -f qcow2 -O qcow2 " + source + " ";
    Path theirs = target.resolveSibling("theirs.qcow2");
    Images.output(Guests.oracles().qemuImg(), (arguments + theirs).split(" "));
    peers.measure(
        command, "img", null, () -> Files.deleteIfExists(target), (arguments + target).split(" "));
    Images.requireClean(target);
    Images.output(
        Guests.oracles().qemuImg(), "compare", "-q", source.toString(), target.toString());
    System.out.printf(
        Locale.ROOT,
        "%s: %,d bytes, QEMU's %,d: %.4f%n",
        command,
        Files.size(target),
        Files.size(theirs),
        (double) Files.size(target) / Files.size(theirs));
    Files.delete(theirs);
    Files.delete(target);
  }
}
