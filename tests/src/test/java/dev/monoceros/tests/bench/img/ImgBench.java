package dev.monoceros.tests.bench.img;

import dev.monoceros.tests.bench.Host;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.apache.commons.io.FileUtils;

/**
 * {@code qemu-img bench} and a random run of {@code qemu-io}, ours and QEMU's, on the same image of
 * 8 GiB. Argument: number of runs (5).
 */
public final class ImgBench {
  private static final int DEFAULT_RUNS = 5;
  private static final long SIZE = 8L << 30;
  private static final int RANDOM_READS = 100_000;
  private static final int BLOCK = 4096;

  private ImgBench() {}

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path directory = Files.createTempDirectory(memory(), "img-bench");
    try {
      System.out.println(Host.describe());
      Peers peers = new Peers(runs);
      Path disk = mapped(directory.resolve("disk.qcow2"));
      Path empty = directory.resolve("empty.qcow2");
      bench(peers, disk, empty);
      random(peers, disk, "read", randomReads(directory.resolve("random.txt"), "read"));
      random(peers, disk, "aio_read", randomReads(directory.resolve("aio.txt"), "aio_read"));
      peers.measure("info", "img", null, () -> {}, "info", disk.toString());
      peers.print();
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static void bench(Peers peers, Path disk, Path empty) throws IOException {
    String image = disk.toString();
    peers.measure(
        "bench: 4 KiB reads, QD1, stride 1052672",
        "img",
        null,
        () -> {},
        ("bench -f qcow2 -c 400000 -d 1 -s 4096 -S 1052672 " + image).split(" "));
    peers.measure(
        "bench: 64 KiB sequential reads, QD1",
        "img",
        null,
        () -> {},
        ("bench -f qcow2 -c 100000 -d 1 -s 65536 -S 65536 " + image).split(" "));
    peers.measure(
        "bench: 64 KiB sequential reads, QD64",
        "img",
        null,
        () -> {},
        ("bench -f qcow2 -c 100000 -d 64 -s 65536 -S 65536 " + image).split(" "));
    peers.measure(
        "bench: 64 KiB allocating writes, QD1",
        "img",
        null,
        () -> create(empty, "preallocation=off"),
        ("bench -f qcow2 -w -c 50000 -d 1 -s 65536 -S 65536 " + empty).split(" "));
    Files.delete(empty);
  }

  private static void random(Peers peers, Path disk, String command, Path script)
      throws IOException {
    String name = "io: 4 KiB " + command + ", random, 100,000";
    peers.measure(name, "io", script, () -> {}, "-f", "qcow2", disk.toString());
  }

  static Path memory() {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** Makes an image all of whose clusters are mapped, and none written. */
  static Path mapped(Path image) throws IOException {
    create(image, "preallocation=metadata");
    return image;
  }

  private static void create(Path image, String options) throws IOException {
    Images.output(
        Guests.oracles().qemuImg(),
        "create",
        "-q",
        "-f",
        "qcow2",
        "-o",
        options,
        image.toString(),
        Long.toString(SIZE));
  }

  private static Path randomReads(Path script, String command) throws IOException {
    StringBuilder text = new StringBuilder();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < RANDOM_READS; i++) {
      long offset = random.nextLong(SIZE / BLOCK) * BLOCK;
      text.append(command).append(" -q ").append(offset).append(' ').append(BLOCK).append('\n');
    }
    return Files.writeString(script, text.append("aio_flush\n"));
  }
}
