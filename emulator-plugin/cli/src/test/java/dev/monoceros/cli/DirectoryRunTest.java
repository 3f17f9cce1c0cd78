package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.monoceros.cli.console.StopSignals;
import dev.monoceros.cli.console.Streams;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Commands in directories, on Debian 12's cloud kernel: what the caller of {@code run} gets. */
@ExtendWith(LibraryRequired.class)
@Timeout(300)
class DirectoryRunTest {
  private static final List<String> PROGRAMS =
      List.of(
          "sh",
          "true",
          "false",
          "cat",
          "printf",
          "od",
          "touch",
          "mkdir",
          "chmod",
          "ls",
          "stat",
          "mount",
          "env",
          "readlink",
          "ln",
          "mknod",
          "md5sum",
          "sleep",
          "dd",
          "tail",
          "tr");

  /** What is said the first time that a directory is packed. */
  private static final String PACKING = "^monoceros: building [^\n]*\n";

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());
  private Path root;

  /** What came of a run; texts are bytes, one character each. */
  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void directory() throws IOException {
    root = temporary.resolve("root");
    Path bin = Files.createDirectories(root.resolve("bin"));
    Files.copy(cache.busybox().path(), bin.resolve("busybox"));
    for (String program : PROGRAMS) {
      Files.createSymbolicLink(bin.resolve(program), Path.of("busybox"));
    }
  }

  private Ended run(List<String> options, String... command) {
    return run(Streams.NOTHING, options, command);
  }

  private Ended run(InputStream in, List<String> options, String... command) {
    List<String> arguments = new ArrayList<>(List.of("run", "--offline", "--max-time", "300s"));
    arguments.addAll(List.of("-k", cache.kernel().vmlinuz().toString()));
    arguments.addAll(List.of("--root", root.toString()));
    arguments.addAll(options);
    arguments.add("--");
    arguments.addAll(List.of(command));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Streams streams = new Streams(in, out, new PrintStream(err, true), false, false);
    HostContext host =
        new HostContext(
            streams,
            System.getenv(),
            () -> Instant.parse("2031-05-06T07:08:09Z"),
            System::nanoTime,
            new StopSignals(System::nanoTime));
    int code = new Cli(host).execute(arguments.toArray(String[]::new));
    return new Ended(
        code,
        out.toString(StandardCharsets.ISO_8859_1),
        err.toString(StandardCharsets.ISO_8859_1).replaceFirst(PACKING, ""));
  }

  private Ended shell(String script) {
    return run(List.of(), "sh", "-c", script);
  }

  private void requireStatus(int status, String... command) {
    Ended ended = run(List.of(), command);
    assertThat(ended.code()).as(ended.err()).isEqualTo(status);
  }

  @Test
  void theStatusIsTheCommandsOwn() {
    requireStatus(0, "true");
    requireStatus(1, "false");
    requireStatus(7, "sh", "-c", "exit 7");
    requireStatus(128 + 9, "sh", "-c", "kill -9 $$");
    requireStatus(128 + 2, "sh", "-c", "kill -INT $$");
  }

  @Test
  void aCommandThatReadsNothingDoesNotWaitForAnInputThatStaysOpen() throws IOException {
    try (PipedOutputStream open = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(open)) {
      Ended ended = run(in, List.of("--timeout", "200"), "sh", "-c", "echo done; exit 3");

      assertThat(ended.code()).as(ended.err()).isEqualTo(3);
      assertThat(ended.out()).isEqualTo("done\n");
    }
  }

  @Test
  void whatIsNotThereIs127AndWhatCannotBeRunIs126AsInAShell() throws IOException {
    Ended missing = run(List.of(), "no-such-program");
    assertThat(missing.code()).isEqualTo(127);
    assertThat(missing.err()).isEqualTo("monoceros: no-such-program: not found in the guest\n");
    Files.writeString(root.resolve("bin/plain"), "text");
    assertThat(run(List.of(), "plain").code()).isEqualTo(126);
    // An applet of the agent's busybox that the directory does not have.
    assertThat(run(List.of(), "wc").code()).isEqualTo(127);
  }

  @Test
  void outputAndErrorsAreApartAndEveryByteArrives() {
    String octal =
        "i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %03o $i)\"; i=$((i+1)); done";
    Ended ended = shell("(" + octal + "); (" + octal + "; printf x) >&2");
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 256; i++) {
      all.append((char) i);
    }
    assertThat(ended.out()).isEqualTo(all.toString());
    assertThat(ended.err()).isEqualTo(all + "x");
    assertThat(ended.code()).isZero();
  }

  @Test
  void nothingOfTheOutputIsLostWhenTheCommandEnds() {
    Ended ended = shell("dd if=/dev/zero bs=1024 count=200 2>/dev/null | tr '\\0' z; exit 3");
    assertThat(ended.out()).isEqualTo("z".repeat(200 * 1024));
    assertThat(ended.code()).isEqualTo(3);
  }

  @Test
  void argumentsArriveByteForByte() {
    String[] words = {
      "sh",
      "-c",
      "for a; do printf '<%s>' \"$a\"; done",
      "-",
      "",
      " ",
      "it's \"quoted\" \\ $HOME `x`",
      "two\nlines\n",
      "-n",
      "gr\u00fcn \u65e5\u672c",
      "*",
      "--",
      "x".repeat(100 * 1024)
    };
    StringBuilder expected = new StringBuilder();
    for (int i = 4; i < words.length; i++) {
      byte[] bytes = words[i].getBytes(StandardCharsets.UTF_8);
      expected.append('<').append(new String(bytes, StandardCharsets.ISO_8859_1)).append('>');
    }
    assertThat(run(List.of(), words).out()).isEqualTo(expected.toString());
  }

  @Test
  void environmentAndDirectoryAreDefinedAndNothingElseIsThere() {
    Ended plain = run(List.of(), "env");
    assertThat(plain.out().lines().sorted().toList())
        .containsExactly(
            "HOME=/root",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PWD=/",
            "TERM=dumb");
    Ended set =
        run(
            List.of("--env", "A=it's $x", "--env", "HOME=/", "--cwd", "/bin"),
            "sh",
            "-c",
            "echo \"$A|$HOME|$(readlink /proc/self/cwd)\"");
    assertThat(set.out()).isEqualTo("it's $x|/|/bin\n");
    assertThat(run(List.of("--cwd", "/none"), "true").code()).isEqualTo(126);
  }

  @Test
  void theRootIsReadOnlyAndTmpRunAndDevAreNot() {
    Ended ended =
        shell(
            "touch /bin/new || echo refused; touch /tmp/a /run/b /dev/shm/c && echo written; stat -c %a /tmp");
    assertThat(ended.out()).isEqualTo("refused\nwritten\n1777\n");
    assertThat(root.resolve("bin/new")).doesNotExist();
  }

  @Test
  void withAnOverlayEverythingMayBeWrittenAndIsGoneAtTheEnd() {
    String script = "ls /; echo more > /new && echo changed > /bin/plain && cat /new /bin/plain";
    Ended first = run(List.of("--overlay"), "sh", "-c", script);
    assertThat(first.out()).endsWith("more\nchanged\n").doesNotContain("new\n");
    assertThat(run(List.of("--overlay"), "sh", "-c", script)).isEqualTo(first);
    assertThat(root.resolve("new")).doesNotExist();
  }

  @Test
  void standardInputArrivesByteForByteWithItsEnd() {
    byte[] bytes = new byte[20_000];
    new Random(1).nextBytes(bytes);
    // Long stretches without a newline, and what the terminal driver would take for itself.
    for (int i = 3000; i < 9000; i++) {
      bytes[i] = (byte) (i % 3 == 0 ? 0x04 : 0x16);
    }
    Ended ended = run(new ByteArrayInputStream(bytes), List.of(), "cat");
    assertThat(ended.out()).isEqualTo(new String(bytes, StandardCharsets.ISO_8859_1));
    assertThat(ended.code()).isZero();
  }

  @Test
  void anEmptyInputHasAnEnd() {
    Ended ended = run(new ByteArrayInputStream(new byte[0]), List.of(), "cat");
    assertThat(ended.out()).isEmpty();
    assertThat(ended.code()).isZero();
  }

  @Test
  void filesAndDirectoriesAreCopiedOutWithModesAndTimes() throws Exception {
    Path file = temporary.resolve("file.out");
    Path directory = Files.createDirectory(temporary.resolve("existing"));
    Ended ended =
        run(
            List.of(
                "--copy-out", "/tmp/file:" + file,
                "--copy-out", "/tmp/tree:" + directory),
            "sh",
            "-c",
            """
            printf data > /tmp/file; chmod 640 /tmp/file; touch -d '2020-02-03 04:05:06' /tmp/file
            mkdir -p /tmp/tree/sub; echo one > /tmp/tree/sub/a; ln /tmp/tree/sub/a /tmp/tree/b
            chmod 555 /tmp/tree/sub; ln -s sub/a /tmp/tree/in; ln -s /etc/passwd /tmp/tree/out
            mknod /tmp/tree/fifo p; exit 5
            """);
    assertThat(ended.code()).isEqualTo(5);
    assertThat(file).hasContent("data");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
    assertThat(Files.getLastModifiedTime(file))
        .isEqualTo(FileTime.from(Instant.parse("2020-02-03T04:05:06Z")));
    Path tree = directory.resolve("tree");
    assertThat(tree.resolve("sub/a")).hasContent("one\n");
    assertThat(tree.resolve("b")).hasContent("one\n");
    assertThat(Files.readSymbolicLink(tree.resolve("in"))).isEqualTo(Path.of("sub/a"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(tree.resolve("sub"))))
        .isEqualTo("r-xr-xr-x");
    assertThat(Files.exists(tree.resolve("out"), java.nio.file.LinkOption.NOFOLLOW_LINKS))
        .isFalse();
    assertThat(ended.err())
        .contains("left out of /tmp/tree: out is a link that leads out of it")
        .contains("left out of /tmp/tree: fifo is neither");
  }

  @Test
  void aCopyOfWhatIsNotThereOrTooLargeFailsTheRunAndIsNamed() {
    Ended missing = run(List.of("--copy-out", "/tmp/none:" + temporary.resolve("x")), "true");
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).isEqualTo("monoceros: --copy-out: the guest has no /tmp/none\n");
    Ended large =
        run(
            List.of("--copy-limit", "1M", "--copy-out", "/tmp/large:" + temporary.resolve("y")),
            "dd",
            "if=/dev/zero",
            "of=/tmp/large",
            "bs=1M",
            "count=3");
    assertThat(large.code()).isEqualTo(1);
    assertThat(large.err()).contains("/tmp/large could not be read whole");
    assertThat(temporary.resolve("y")).doesNotExist();
  }

  @Test
  void aPanicAndAGuestThatEndsByItselfAreToldFromTheCommand() throws IOException {
    Path report = temporary.resolve("report.json");
    Ended panic =
        run(
            List.of("--report", report.toString()),
            "sh",
            "-c",
            "mount -t sysfs s /tmp; echo c > /proc/sysrq-trigger");
    assertThat(panic.code()).isEqualTo(1);
    assertThat(panic.err())
        .contains("monoceros: PANIC: the guest's kernel panicked: sysrq triggered crash")
        .contains("kernel: ")
        .contains("Call Trace");
    assertThat(json(report).get("verdict").asText()).isEqualTo("PANIC");
    assertThat(json(report).get("command").has("status")).isFalse();

    Ended reset = shell("echo b > /proc/sysrq-trigger; sleep 10");
    assertThat(reset.code()).isEqualTo(1);
    assertThat(reset.err()).contains("monoceros: PASS: the guest reset the machine");
  }

  @Test
  void theReportTellsTheStatusAndIsTheSameForTheSameDirectoryElsewhere() throws Exception {
    JsonNode first = report("first.json");
    assertThat(first.get("verdict").asText()).isEqualTo("PASS");
    assertThat(first.get("exitCode").asInt()).isEqualTo(9);
    assertThat(first.get("command").get("status").asInt()).isEqualTo(9);
    assertThat(first.get("repeatable").asBoolean()).isTrue();
    assertThat(first.get("stdin").get("bytes").asInt()).isEqualTo(3);
    assertThat(first).isEqualTo(report("second.json"));

    Path other = temporary.resolve("elsewhere/longer/path");
    Files.createDirectories(other.getParent());
    Files.move(root, other);
    Files.setLastModifiedTime(other.resolve("bin/busybox"), FileTime.fromMillis(5000));
    root = other;
    JsonNode moved = report("third.json");
    assertThat(moved.get("counters")).isEqualTo(first.get("counters"));
    assertThat(hashes(moved)).isEqualTo(hashes(first));
  }

  private static List<String> hashes(JsonNode report) {
    List<String> hashes = new ArrayList<>();
    report.get("inputs").forEach(input -> hashes.add(input.get("sha256").asText()));
    return hashes;
  }

  private JsonNode report(String name) throws IOException {
    Path file = temporary.resolve(name);
    byte[] in = {'a', 'b', 'c'};
    run(
        new ByteArrayInputStream(in),
        List.of("--report", file.toString()),
        "sh",
        "-c",
        "cat; exit 9");
    JsonNode report = json(file);
    ((com.fasterxml.jackson.databind.node.ObjectNode) report).remove("host");
    return report;
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void aPipeInTheDirectoryIsAPipeInTheGuest() throws Exception {
    Path fifo = root.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    assertThat(shell("stat -c %F /fifo").out()).isEqualTo("fifo\n");
  }

  @Test
  void theKernelsConsoleIsShownWhenAskedFor() {
    Ended ended = run(List.of("--console"), "true");
    assertThat(ended.err()).contains("Linux version", "Run /init as init process");
    assertThat(ended.out()).isEmpty();
  }

  @Test
  void whatMakesNoSenseIsRefusedInASentence() {
    assertThat(CommandLineRun.of("run", "--root", root.toString()).err())
        .isEqualTo("monoceros: --root needs a command: give one after --\n");
    assertThat(CommandLineRun.of("run", "--overlay").err())
        .isEqualTo("monoceros: --overlay is for --root\n");
    assertThat(CommandLineRun.of("run", "--", "true").err())
        .startsWith("monoceros: a command needs a directory");
    assertThat(run(List.of("--expect", "x"), "true").err())
        .isEqualTo("monoceros: --expect does not go with --root\n");
    assertThat(run(List.of("--env", "1x"), "true").code()).isEqualTo(2);
    root = temporary.resolve("none");
    assertThat(run(List.of(), "true").err()).isEqualTo("monoceros: " + root + " does not exist.\n");
  }
}
