package dev.monoceros.tests.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One boot of {@link BlockWorkload}'s script: host time at which each marker arrived on the pipe of
 * the console, in seconds from its beginning to its end by part. The guest's own clock is not
 * asked.
 */
final class MarkedRun {
  private static final double NANOS = 1e9;
  private static final Pattern MARKER =
      Pattern.compile("(" + BlockWorkload.BEGIN + "|" + BlockWorkload.END + ")(\\d+)(?: (\\d+))?$");

  /** So long a run may take before it is given up. */
  private static final long LIMIT_SECONDS = 600;

  private final Subject subject;
  private final double[] seconds;
  private final StringBuilder said = new StringBuilder();
  private int beginning = -1;
  private long began;

  private MarkedRun(Subject subject, int parts) {
    this.subject = subject;
    this.seconds = new double[parts];
    Arrays.fill(seconds, Double.NaN);
  }

  /** Runs a subject to its end; fails unless every part ended with status 0. */
  static double[] of(Subject subject, int parts) throws IOException {
    MarkedRun run = new MarkedRun(subject, parts);
    run.read();
    if (Arrays.stream(run.seconds).anyMatch(Double::isNaN)) {
      throw new IOException(subject.name() + " did not end every part:\n" + run.said);
    }
    return run.seconds;
  }

  private void read() throws IOException {
    ProcessBuilder builder = subject.process().redirectErrorStream(true);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Process process = builder.start();
    process
        .onExit()
        .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
        .whenComplete((p, e) -> end(process));
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(line.strip(), System.nanoTime());
      }
    } finally {
      end(process);
    }
  }

  /** A marker may stand behind a terminal's control sequences, which QEMU's firmware leaves. */
  private void take(String line, long now) throws IOException {
    said.append(line).append('\n');
    Matcher marker = MARKER.matcher(line);
    if (!marker.find()) {
      return;
    }
    int part = Integer.parseInt(marker.group(2));
    if (marker.group(1).equals(BlockWorkload.BEGIN)) {
      beginning = part;
      began = now;
    } else if (part != beginning || !"0".equals(marker.group(3))) {
      throw new IOException(subject.name() + ": a part failed:\n" + said);
    } else {
      seconds[part] = (now - began) / NANOS;
    }
  }

  /** The command may be a launcher: what it started goes with it. */
  private static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
