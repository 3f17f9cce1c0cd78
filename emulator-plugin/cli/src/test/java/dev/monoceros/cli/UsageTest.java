package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What needs no machine: help, refusals, the cache. */
class UsageTest {
  @TempDir Path temporary;

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            List.of(),
            "no command was given: there are run, demo, img, io, image, cache, version, help"),
        Arguments.of(List.of("boot"), "there is no command boot"),
        Arguments.of(List.of("run"), "no kernel was given: name one with -k"),
        Arguments.of(List.of("run", "--nope"), "Unknown option: '--nope'"),
        Arguments.of(List.of("run", "-k"), "Missing required parameter for option '-k'"),
        Arguments.of(
            List.of("run", "-k", "a", "-k", "b"), "option '-k' (FILE) should be specified"),
        Arguments.of(List.of("run", "extra"), "a command needs a directory"),
        Arguments.of(List.of("run", "-k", "/nowhere"), "kernel /nowhere does not exist"),
        Arguments.of(List.of("run", "-k", "/"), "kernel / is no file"),
        Arguments.of(List.of("run", "-d", "a,b=c"), "-d: a disk has no setting 'b'"),
        Arguments.of(List.of("run", "-d", "a,num-queues=17"), "-d: a disk has 1 to 16 queues"),
        Arguments.of(List.of("run", "-m", "lots"), "-m: 'lots' is no size"),
        Arguments.of(List.of("run", "--seed", "0xg"), "--seed: '0xg' is no whole number"),
        Arguments.of(List.of("run", "--rtc", "noon"), "--rtc: 'noon' is no time"),
        Arguments.of(List.of("run", "--expect", "("), "--expect: '(' is no regular expression"),
        Arguments.of(List.of("run", "--expect-then", "x"), "'x' is not poweroff or continue"),
        Arguments.of(List.of("run", "--on-reset", "x"), "'x' is not exit or reboot"),
        Arguments.of(List.of("run", "--timeout", "x"), "--timeout: 'x' is no time"),
        Arguments.of(List.of("run", "--max-time", "1d"), "--max-time: '1d' is no time"),
        Arguments.of(List.of("cache", "burn"), "there are list, path, prune and verify"),
        Arguments.of(List.of("image"), "image: say what to do: there is build"),
        Arguments.of(List.of("image", "burn", "debian"), "say what to do: there is build"),
        Arguments.of(List.of("image", "build"), "say what to build: there are debian and tools"),
        Arguments.of(List.of("image", "build", "gentoo"), "there is no image gentoo"),
        Arguments.of(List.of("image", "build", "tools", "more"), "'more' is too much"),
        Arguments.of(
            List.of("image", "build", "debian", "--suite", "potato"),
            "there is no 'potato': there are bookworm, trixie, forky, sid"),
        Arguments.of(
            List.of("image", "build", "debian", "--kernel", "rt"), "'rt' is not cloud or generic"),
        Arguments.of(
            List.of("image", "build", "debian", "--size", "big"), "--size: 'big' is no size"),
        Arguments.of(
            List.of("image", "build", "debian", "--size", "1M"), "size of at least 512 MiB"),
        Arguments.of(
            List.of("image", "build", "tools", "--size", "1025M1"), "--size: '1025M1' is no size"),
        Arguments.of(
            List.of("image", "build", "tools", "--size", "1073741825"), "a whole number of MiB"),
        Arguments.of(
            List.of("image", "build", "debian", "--include", "Fio"),
            "'Fio' is not the name of a Debian package"),
        Arguments.of(
            List.of("image", "build", "tools", "--include", "gcc"), "--include is for debian"),
        Arguments.of(
            List.of("image", "build", "tools", "--output", "/"), "--output: / is a directory"),
        Arguments.of(
            List.of("image", "build", "tools", "--output", "/nowhere/a.qcow2"),
            "there is no directory /nowhere"),
        Arguments.of(List.of("help", "boot"), "there is no command boot"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsWrongIsToldInOneSentenceWithExitCode2(List<String> arguments, String words) {
    CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("monoceros: ").contains(words).hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "demo", "image", "cache", "version", "help"})
  void helpTellsEveryCommandAndItsOptions(String command) {
    assertThat(CommandLineRun.of("help").out()).contains("  " + command);

    CommandLineRun help = CommandLineRun.of("help", command);

    assertThat(help.code()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out()).startsWith("Usage: monoceros " + command);
    assertThat(CommandLineRun.of(command, "--help")).isEqualTo(help);
  }

  @Test
  void helpOfRunNamesEveryOption() {
    assertThat(CommandLineRun.of("help", "run").out())
        .contains(
            "-d=", "-k=", "-i=", "-p=", "--cmdline-only", "-m=", "--seed=", "--rtc=", "--expect=")
        .contains("--expect-then=", "--timeout=", "--max-time=", "--on-reset=", "--show-config")
        .contains("--report=", "--offline", "--unicorn=");
  }

  @Test
  void theCacheLiesWhereTheEnvironmentSays() {
    Path cache = temporary.resolve("cache");

    CommandLineRun path =
        CommandLineRun.with(Map.of("MONOCEROS_CACHE", cache.toString()), "", "cache", "path");

    assertThat(path).isEqualTo(new CommandLineRun(0, cache + "\n", ""));
  }

  @Test
  void pruneEmptiesTheCacheAndTheDemosDisk() throws IOException {
    Path disk = temporary.resolve("demo/demo.qcow2");
    Files.createDirectories(disk.getParent());
    Files.writeString(disk, "a disk");
    Map<String, String> environment = Map.of("MONOCEROS_CACHE", temporary.toString());

    assertThat(CommandLineRun.with(environment, "", "cache", "prune").code()).isZero();

    assertThat(disk).doesNotExist();
    assertThat(CommandLineRun.with(environment, "", "cache", "list").out())
        .startsWith("0 packages, 0.0 MiB unpacked");
  }

  @Test
  void offlineWithAnEmptyCacheTheDemoSaysWhatIsMissing() {
    CommandLineRun demo =
        CommandLineRun.with(
            Map.of("MONOCEROS_CACHE", temporary.toString()), "", "demo", "--offline");

    assertThat(demo.code()).isEqualTo(4);
    assertThat(demo.err()).startsWith("monoceros: ").hasLineCount(1).contains("-k");
  }
}
