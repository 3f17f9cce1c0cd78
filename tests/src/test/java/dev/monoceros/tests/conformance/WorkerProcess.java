package dev.monoceros.tests.conformance;

import dev.monoceros.tests.support.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link MutantWorker} seen from outside: replaced when it hangs or dies. */
final class WorkerProcess implements AutoCloseable {
  /** Instead of an answer: the test did not end, or took the process with it. */
  static final String GONE = "GONE";

  private static final Duration STARTING = Duration.ofMinutes(1);
  private static final Duration STANDSTILL = Duration.ofMinutes(5);
  private static final long GLANCE_MILLIS = 200;

  private Process process;
  private Writer orders;
  private BlockingQueue<String> answers;

  /** The answer of the worker to one order, or {@link #GONE} with why there is none. */
  String run(String mutant, String test, Duration patience) throws IOException {
    if (process == null) {
      start();
    }
    orders.write(mutant + " " + test + "\n");
    orders.flush();
    String answer = await(patience);
    if (answer.startsWith(GONE)) {
      close();
    }
    return answer;
  }

  /**
   * Patience is counted in the worker's CPU time: a host that is busy with something else, or has
   * stopped the process, does not make a mutant look as if it hung. Only one that neither ends nor
   * works is given up by the clock.
   */
  private String await(Duration patience) throws IOException {
    Duration end = cpu().plus(patience);
    long standstill = System.nanoTime() + STANDSTILL.toNanos();
    try {
      String answer = answers.poll(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
      while (answer == null) {
        if (cpu().compareTo(end) > 0 || System.nanoTime() > standstill) {
          return GONE + " no end after " + patience.toSeconds() + " s";
        }
        answer = answers.poll(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
      }
      return answer;
    } catch (InterruptedException e) {
      close();
      throw new IOException(e);
    }
  }

  private Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private void start() throws IOException {
    List<String> command = new ArrayList<>(ChildJvm.command(MutantWorker.class));
    command.addAll(1, List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    orders = process.outputWriter(StandardCharsets.UTF_8);
    answers = new LinkedBlockingQueue<>();
    Process started = process;
    BlockingQueue<String> queue = answers;
    Thread.ofPlatform().daemon().start(() -> forward(started, queue));
    String greeting = await(STARTING);
    if (!greeting.equals(MutantWorker.READY)) {
      close();
      throw new IOException("no worker: " + greeting);
    }
  }

  private static void forward(Process from, BlockingQueue<String> to) {
    try (BufferedReader reader = from.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        to.add(line);
      }
      to.add(GONE + " the process ended");
    } catch (IOException e) {
      to.add(GONE + " " + e.getMessage());
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.destroyForcibly();
      process = null;
    }
  }
}
