package dev.monoceros.tests.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run of a command, timed from just before its exec.
 *
 * @param firstByte seconds to the first byte on its standard output
 * @param cue seconds to the first standard output that ends in the cue, or NaN if it never came
 * @param exit seconds to its end
 * @param status its exit code
 * @param output its standard output
 */
record Timing(double firstByte, double cue, double exit, int status, String output) {
  private static final double NANOS = 1e9;

  /** So long a run may take before it is given up. */
  private static final long LIMIT_SECONDS = 300;

  /**
   * Runs a command to its end.
   *
   * @param cue text of the output to take the time of
   * @param stopAtCue whether to end the command there
   */
  static Timing of(Subject subject, String cue, boolean stopAtCue) throws IOException {
    Path errors = Files.createTempFile("bench", ".err");
    try {
      ProcessBuilder builder = subject.process().redirectError(errors.toFile());
      builder.redirectInput(Path.of("/dev/null").toFile());
      long begin = System.nanoTime();
      Process process = builder.start();
      process
          .onExit()
          .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
          .whenComplete((p, e) -> kill(process));
      Timing timing = read(process, begin, cue.getBytes(StandardCharsets.US_ASCII), stopAtCue);
      if (Double.isNaN(timing.cue)) {
        throw new IOException(
            subject.name()
                + " never said \""
                + cue
                + "\"; it ended with "
                + timing.status
                + " and said on standard error: "
                + Files.readString(errors, StandardCharsets.ISO_8859_1));
      }
      return timing;
    } finally {
      Files.delete(errors);
    }
  }

  private static Timing read(Process process, long begin, byte[] cue, boolean stopAtCue)
      throws IOException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    double firstByte = Double.NaN;
    double cueTime = Double.NaN;
    int matched = 0;
    byte[] buffer = new byte[4096];
    InputStream from = process.getInputStream();
    for (int count = from.read(buffer); count > 0; count = from.read(buffer)) {
      double now = (System.nanoTime() - begin) / NANOS;
      firstByte = Double.isNaN(firstByte) ? now : firstByte;
      output.write(buffer, 0, count);
      for (int i = 0; i < count && Double.isNaN(cueTime); i++) {
        matched = buffer[i] == cue[matched] ? matched + 1 : buffer[i] == cue[0] ? 1 : 0;
        if (matched == cue.length) {
          cueTime = now;
        }
      }
      if (stopAtCue && !Double.isNaN(cueTime)) {
        kill(process);
        break;
      }
    }
    int status = waitFor(process);
    double exit = (System.nanoTime() - begin) / NANOS;
    return new Timing(
        firstByte, cueTime, exit, status, output.toString(StandardCharsets.ISO_8859_1));
  }

  /** The command may be a launcher: what it started goes with it. */
  private static void kill(Process process) {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  private static int waitFor(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      kill(process);
      throw new IOException("interrupted", e);
    }
  }
}
