package dev.monoceros.cli;

import dev.monoceros.cli.console.StopSignals;
import dev.monoceros.cli.console.Streams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * One command line, run in this JVM.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record CommandLineRun(int code, String out, String err) {
  static CommandLineRun of(String... arguments) {
    return withInput("", arguments);
  }

  static CommandLineRun withInput(String input, String... arguments) {
    return with(System.getenv(), input, arguments);
  }

  static CommandLineRun with(Map<String, String> environment, String input, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Streams streams =
        new Streams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.ISO_8859_1)),
            out,
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false);
    HostContext host =
        new HostContext(
            streams,
            environment,
            () -> Instant.parse("2031-05-06T07:08:09Z"),
            System::nanoTime,
            new StopSignals(System::nanoTime));
    int code = new Cli(host).execute(arguments);
    return new CommandLineRun(
        code, out.toString(StandardCharsets.ISO_8859_1), err.toString(StandardCharsets.UTF_8));
  }
}
