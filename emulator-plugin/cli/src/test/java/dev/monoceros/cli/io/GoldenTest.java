package dev.monoceros.cli.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The real qemu-io and ours run each script of scripts.txt on equal files: both print the same on
 * both streams, end with the same code, and leave disks that compare equal and check clean.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GoldenTest {
  @TempDir static Path directory;

  private Tools tools;
  private Path templates;
  private int run;

  @BeforeAll
  void makeImages() throws Exception {
    tools = Tools.open();
    templates = Files.createDirectory(directory.resolve("templates"));
    for (String line : lines("images.txt")) {
      List<String> words = List.of(line.split(" +"));
      if (words.getFirst().equals("io")) {
        List<String> arguments = List.of("-f", words.get(1), words.get(2));
        String commands = line.substring(line.indexOf('|') + 1).replace(";", "\n");
        assertThat(tools.theirs(templates, arguments, commands).exitCode()).as(line).isZero();
      } else {
        tools.img(templates, words.subList(1, words.size()).toArray(String[]::new));
      }
    }
    Files.writeString(templates.resolve("pattern.txt"), "abc");
    Files.writeString(templates.resolve("none.txt"), "");
  }

  static Stream<String> scripts() throws Exception {
    return lines("scripts.txt").stream();
  }

  private static List<String> lines(String resource) throws Exception {
    try (InputStream in = GoldenTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aScriptDoesTheSameInBothTools(String script) throws Exception {
    int bar = script.indexOf('|');
    String options = script.substring(0, bar).strip();
    String commands = script.substring(bar + 1).strip();
    List<String> byOption = new ArrayList<>();
    for (String command : commands.split(";")) {
      byOption.add("-c");
      byOption.add(command.strip());
    }
    compare(options, commands.isEmpty() ? List.of() : byOption, "");
  }

  @ParameterizedTest
  @MethodSource("scripts")
  void aScriptDoesTheSameOnStandardInput(String script) throws Exception {
    int bar = script.indexOf('|');
    StringBuilder input = new StringBuilder();
    for (String command : script.substring(bar + 1).split(";")) {
      input.append(command.strip()).append('\n');
    }
    compare(script.substring(0, bar).strip(), List.of(), input.toString());
  }

  private void compare(String options, List<String> commands, String input) throws Exception {
    run++;
    Path ours = Tools.copy(templates, directory.resolve("ours" + run));
    Path theirs = Tools.copy(templates, directory.resolve("theirs" + run));
    Outcome expected =
        tools.theirs(theirs, placed(options, commands, theirs), input.replace("@", theirs + "/"));
    Outcome actual =
        Tools.ours(ours, placed(options, commands, ours), input.replace("@", ours + "/"));
    assertThat(actual).isEqualTo(expected);
    try (Stream<Path> files = Files.list(ours)) {
      for (Path file : files.toList()) {
        sameDisk(file, theirs.resolve(file.getFileName()));
      }
    }
  }

  private void sameDisk(Path ours, Path theirs) throws Exception {
    if (Arrays.equals(Files.readAllBytes(ours), Files.readAllBytes(theirs))) {
      return;
    }
    String format = ours.toString().endsWith(".raw") ? "raw" : "qcow2";
    tools.img(directory, "compare", "-s", "-f", format, "-F", format, "" + ours, "" + theirs);
    if (format.equals("qcow2")) {
      tools.img(directory, "check", "-q", "" + ours);
    }
  }

  private static List<String> placed(String options, List<String> commands, Path where) {
    List<String> words = new ArrayList<>(commands);
    for (String word : options.split(" +")) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    words.replaceAll(word -> word.replace("@", where + "/"));
    return words;
  }
}
