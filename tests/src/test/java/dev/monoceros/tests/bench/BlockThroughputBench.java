package dev.monoceros.tests.bench;

import dev.monoceros.tests.bench.BlockWorkload.Part;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.ToolsGuest;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.apache.commons.io.FileUtils;

/**
 * Throughput of a disk as a guest's programs have it: the same kernel, initramfs, script and bytes
 * under Monoceros, with its model of latency and with none, and under QEMU's TCG with
 * virtio-blk-pci; host seconds between markers on the console, whole boots by turns. Argument:
 * number of runs (5). {@code -Dmonoceros.bench.subjects=TEXT} leaves out those without the text in
 * their name.
 */
final class BlockThroughputBench {
  private static final int DEFAULT_RUNS = 5;
  private static final String MEMORY = Long.toString(ToolsGuest.MEMORY_MIB);
  private static final String LINE = "console=ttyS0 quiet nokaslr mitigations=off panic=-1";

  private record Entrant(Subject subject, List<Series> parts) {}

  private BlockThroughputBench() {}

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path directory = Files.createTempDirectory(memory(), "monoceros-bench");
    try {
      System.out.println(Host.describe());
      List<Entrant> entrants = entrants(directory);
      for (int run = 0; run < runs; run++) {
        for (Entrant one : entrants) {
          measure(one);
        }
      }
      print(entrants);
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static Path memory() {
    Path memory = Path.of("/dev/shm");
    return Files.isWritable(memory) ? memory : Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static List<Entrant> entrants(Path directory) throws IOException {
    ToolsGuest guest =
        ToolsGuest.of(
            Guests.kernel(), directory, BlockWorkload.script(), "virtio_pci", "virtio_blk");
    Path ours = image(directory);
    Path theirs = Files.copy(ours, directory.resolve("theirs.qcow2"));
    String wanted = System.getProperty("monoceros.bench.subjects", "");
    return List.of(
            qemu(guest, directory, theirs),
            monoceros(guest, "monoceros", ours.toString()),
            monoceros(guest, "monoceros, latency=zero", ours + ",latency=zero"))
        .stream()
        .filter(subject -> subject.name().contains(wanted))
        .map(BlockThroughputBench::entrant)
        .toList();
  }

  private static Entrant entrant(Subject subject) {
    return new Entrant(
        subject, BlockWorkload.parts().stream().map(part -> new Series(part.name())).toList());
  }

  /** A QCOW2 image by QEMU, every cluster of it written: random bytes from a fixed seed. */
  private static Path image(Path directory) throws IOException {
    Path raw = directory.resolve("bytes.raw");
    SplittableRandom random = new SplittableRandom(5);
    byte[] bytes = new byte[1 << 20];
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(raw))) {
      for (long done = 0; done < BlockWorkload.DISK_BYTES; done += bytes.length) {
        random.nextBytes(bytes);
        out.write(bytes);
      }
    }
    Path image = directory.resolve("ours.qcow2");
    Images.output(
        Guests.oracles().qemuImg(),
        "convert",
        "-f",
        "raw",
        "-O",
        "qcow2",
        raw.toString(),
        image.toString());
    Files.delete(raw);
    return image;
  }

  private static Subject monoceros(ToolsGuest guest, String name, String disk) {
    List<String> line = new ArrayList<>(List.of("-k", guest.kernel().vmlinuz().toString()));
    guest.initrds().forEach(initrd -> line.addAll(List.of("-i", initrd.toString())));
    line.addAll(List.of("-m", MEMORY, "--cmdline-only", "-p", LINE, "-d", disk));
    Subject subject = Launcher.monoceros(Guests.REFERENCE, line.toArray(String[]::new));
    return new Subject(name, subject.command(), subject.environment());
  }

  private static Subject qemu(ToolsGuest guest, Path directory, Path disk) throws IOException {
    return Launcher.qemu(
        "q35",
        "-m",
        MEMORY,
        "-kernel",
        guest.kernel().vmlinuz().toString(),
        "-initrd",
        guest.joined(directory.resolve("joined.cpio")).toString(),
        "-append",
        LINE,
        "-drive",
        "file=" + disk + ",format=qcow2,if=none,id=d0,cache=writeback",
        "-device",
        "virtio-blk-pci,drive=d0");
  }

  private static void measure(Entrant entrant) throws IOException {
    double[] seconds = MarkedRun.of(entrant.subject(), entrant.parts().size());
    StringBuilder line = new StringBuilder(entrant.subject().name()).append(':');
    for (int i = 0; i < seconds.length; i++) {
      entrant.parts().get(i).add(seconds[i]);
      line.append(String.format(Locale.ROOT, " %.3f", seconds[i]));
    }
    System.err.println(line);
  }

  /** Medians by part, and how many times as fast as the first subject the others were. */
  private static void print(List<Entrant> entrants) {
    StringBuilder head = new StringBuilder("| seconds, medians |");
    StringBuilder rule = new StringBuilder("|---|");
    for (Entrant one : entrants) {
      head.append(' ').append(one.subject().name()).append(" |");
      rule.append("---|");
      if (one != entrants.getFirst()) {
        head.append(" times as fast |");
        rule.append("---|");
      }
    }
    System.out.println(head);
    System.out.println(rule);
    List<Part> parts = BlockWorkload.parts();
    for (int i = 0; i < parts.size(); i++) {
      StringBuilder row = new StringBuilder("| ").append(parts.get(i).name()).append(" |");
      double peer = entrants.getFirst().parts().get(i).median();
      for (Entrant one : entrants) {
        double median = one.parts().get(i).median();
        row.append(String.format(Locale.ROOT, " %.3f |", median));
        row.append(
            one == entrants.getFirst() ? "" : String.format(Locale.ROOT, " %.2f |", peer / median));
      }
      System.out.println(row);
    }
  }
}
