package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Tool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Runs a case with both tools and tells how they differ. */
final class GoldenRun {
  private static final Path WORK = Path.of(GoldenCase.DIRECTORY);
  private static final Path THEIRS = WORK.resolveSibling("theirs");
  private static final Path OURS = WORK.resolveSibling("ours");

  private final RealTools real;

  GoldenRun(RealTools real) {
    this.real = real;
  }

  /** What differs, one entry for each command and each file; empty if nothing does. */
  List<String> differences(GoldenCase golden) throws IOException, InterruptedException {
    List<Outcome> theirs = runAll(golden, THEIRS, real::img);
    List<Outcome> ours = runAll(golden, OURS, GoldenRun::ours);
    List<String> differences = new ArrayList<>();
    int at = 0;
    for (GoldenCase.Line line : golden.lines()) {
      if (line.compared()) {
        if (!ours.get(at).equals(theirs.get(at))) {
          differences.add(
              String.join(" ", line.words())
                  + "\n=== ours: "
                  + ours.get(at)
                  + "=== theirs: "
                  + theirs.get(at));
        }
        at++;
      }
    }
    compareFiles(differences);
    return differences;
  }

  private interface Runner {
    Outcome run(List<String> words) throws IOException, InterruptedException;
  }

  private List<Outcome> runAll(GoldenCase golden, Path result, Runner runner)
      throws IOException, InterruptedException {
    delete(WORK);
    delete(result);
    Files.createDirectories(WORK);
    List<Outcome> outcomes = new ArrayList<>();
    for (GoldenCase.Line line : golden.lines()) {
      if (line.compared()) {
        outcomes.add(runner.run(line.words()));
      } else {
        prepare(line.words());
      }
    }
    Files.move(WORK, result);
    return outcomes;
  }

  private void prepare(List<String> words) throws IOException, InterruptedException {
    List<String> rest = words.subList(1, words.size());
    switch (words.getFirst()) {
      case "img" -> require(words, real.img(rest));
      case "io" -> require(words, real.io(rest));
      case "mkdir" -> Files.createDirectory(Path.of(rest.getFirst()));
      case "rm" -> Files.delete(Path.of(rest.getFirst()));
      case "write" -> Files.writeString(Path.of(rest.getFirst()), rest.get(1));
      case "poke" -> poke(rest);
      default -> throw new IllegalArgumentException(String.join(" ", words));
    }
  }

  /** File, offset, bytes in hexadecimal. */
  private static void poke(List<String> words) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(words.getFirst(), "rw")) {
      file.seek(Long.decode(words.get(1)));
      file.write(HexFormat.of().parseHex(words.get(2)));
    }
  }

  private static void require(List<String> words, Outcome outcome) {
    if (outcome.exitCode() != 0) {
      throw new IllegalStateException(String.join(" ", words) + ": " + outcome);
    }
  }

  static Outcome ours(List<String> words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Tool tool =
        new Tool(
            "qemu-img",
            new ByteArrayInputStream(new byte[0]),
            out,
            err,
            Map.of(),
            InstantSource.system(),
            System::nanoTime);
    int code = ImgTool.run(tool, words);
    return Outcome.of(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The real tool must find the same in both directories. */
  private void compareFiles(List<String> differences) throws IOException, InterruptedException {
    SortedSet<String> ours = files(OURS);
    SortedSet<String> theirs = files(THEIRS);
    if (!ours.equals(theirs)) {
      differences.add("files: ours " + ours + ", theirs " + theirs);
    }
    for (String name : ours) {
      Path a = OURS.resolve(name);
      Path b = THEIRS.resolve(name);
      if (theirs.contains(name) && Files.mismatch(a, b) >= 0) {
        compareImages(differences, name, a, b);
      }
    }
  }

  private void compareImages(List<String> differences, String name, Path ours, Path theirs)
      throws IOException, InterruptedException {
    Outcome a = real.img(List.of("info", "--output=json", ours.toString()));
    Outcome b = real.img(List.of("info", "--output=json", theirs.toString()));
    String asTheirs = a.out().replace(OURS.toString(), THEIRS.toString());
    if (!asTheirs.equals(b.out()) || a.exitCode() != b.exitCode()) {
      differences.add(name + ": info of ours " + a + ", of theirs " + b);
    }
    Outcome check = real.img(List.of("check", ours.toString()));
    int expected = real.img(List.of("check", theirs.toString())).exitCode();
    if (check.exitCode() != expected) {
      differences.add(name + ": check of ours " + check + ", theirs ends with " + expected);
    }
    Outcome same = real.img(List.of("compare", ours.toString(), theirs.toString()));
    if (same.exitCode() != 0 && b.exitCode() == 0 && expected != 1) {
      differences.add(name + ": " + same);
    }
  }

  private static SortedSet<String> files(Path directory) throws IOException {
    try (Stream<Path> paths = Files.walk(directory)) {
      SortedSet<String> names = new TreeSet<>();
      paths
          .filter(Files::isRegularFile)
          .forEach(path -> names.add(directory.relativize(path).toString()));
      return names;
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = new ArrayList<>(walk.toList());
    }
    for (Path path : paths.reversed()) {
      Files.delete(path);
    }
  }
}
