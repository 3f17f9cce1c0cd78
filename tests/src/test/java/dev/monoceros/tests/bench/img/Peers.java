package dev.monoceros.tests.bench.img;

import dev.monoceros.images.Tool;
import dev.monoceros.tests.bench.Series;
import dev.monoceros.tests.support.Guests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Runs the same arguments through our command and QEMU's, in turn, and compares the medians. */
final class Peers {
  private static final double NANOS = 1e9;
  private final int runs;
  private final List<String> rows = new ArrayList<>();

  Peers(int runs) {
    this.runs = runs;
  }

  /** Something done before each run, not timed. */
  interface Preparation {
    void run() throws IOException;
  }

  /**
   * Measures one row of the table.
   *
   * @param name in the table
   * @param command {@code img} or {@code io}
   * @param input file for standard input, or null
   * @param before done before each run of either, not timed
   * @param arguments the same for both
   */
  void measure(String name, String command, Path input, Preparation before, String... arguments)
      throws IOException {
    Series ours = new Series("ours");
    Series theirs = new Series("QEMU");
    List<String> our = new ArrayList<>(List.of(ours().resolve("qemu-" + command).toString()));
    our.addAll(List.of(arguments));
    Tool tool = command.equals("img") ? Guests.oracles().qemuImg() : Guests.oracles().qemuIo();
    for (int i = -1; i < runs; i++) {
      before.run();
      double their = time(tool.process(arguments), input);
      before.run();
      double mine = time(new ProcessBuilder(our), input);
      if (i >= 0) {
        ours.add(mine);
        theirs.add(their);
      }
    }
    double mine = ours.median();
    double their = theirs.median();
    String row =
        String.format(
            Locale.ROOT,
            "| %-44s | %8.3f | %8.3f | %6.2f | %d |",
            name,
            mine,
            their,
            their / mine,
            runs);
    rows.add(row);
    System.err.println(row);
  }

  void print() {
    System.out.println("| whole processes | ours, s | QEMU 7.2, s | QEMU / ours | runs |");
    System.out.println("|---|---|---|---|---|");
    rows.forEach(System.out::println);
  }

  /** The repository's {@code bin}. */
  static Path ours() {
    Path here = Path.of("").toAbsolutePath();
    while (here != null && !Files.isExecutable(here.resolve("bin").resolve("qemu-img"))) {
      here = here.getParent();
    }
    if (here == null) {
      throw new IllegalStateException("bin/qemu-img is in no directory above this one");
    }
    return here.resolve("bin");
  }

  private static double time(ProcessBuilder builder, Path input) throws IOException {
    Path said = Files.createTempFile("bench", ".txt");
    try {
      builder.redirectErrorStream(true).redirectOutput(said.toFile());
      builder.redirectInput((input == null ? Path.of("/dev/null") : input).toFile());
      long begin = System.nanoTime();
      int status = builder.start().waitFor();
      double seconds = (System.nanoTime() - begin) / NANOS;
      if (status != 0) {
        throw new IOException(
            builder.command() + " ended with " + status + ": " + Files.readString(said));
      }
      return seconds;
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    } finally {
      Files.delete(said);
    }
  }
}
