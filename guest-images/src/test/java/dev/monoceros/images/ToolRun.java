package dev.monoceros.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Runs an oracle and gives back what it said. */
public final class ToolRun {
  private ToolRun() {}

  /** Standard output and error of a run that has to end with status 0. */
  public static String output(Tool tool, String... arguments) {
    return output(tool.process(arguments));
  }

  /** The same with a file as standard input. */
  public static String outputFrom(Path input, Tool tool, String... arguments) {
    return output(tool.process(arguments).redirectInput(input.toFile()));
  }

  private static String output(ProcessBuilder builder) {
    try {
      Process process = builder.redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as("%s said: %s", builder.command(), text).isZero();
      return text;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
