package dev.monoceros.cli;

import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.machine.Machine;
import dev.monoceros.machine.Verdict;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Stops a machine from outside, from any thread; the first who asks decides the exit code. */
final class RunControl {
  private final Runnable release;
  private final Runnable wakeIdle;
  private Machine machine;
  private Verdict verdict;
  private String detail;
  private int exitCode;

  /**
   * Control over a run.
   *
   * @param release lets a machine go on that waits for somebody outside
   * @param wakeIdle lets a machine go on that waits while its guest is idle
   */
  RunControl(Runnable release, Runnable wakeIdle) {
    this.release = release;
    this.wakeIdle = wakeIdle;
  }

  /** The machine to stop; if a stop was asked for already, it stops at once. */
  synchronized void attach(Machine made) {
    machine = made;
    if (verdict != null) {
      stopNow();
    }
  }

  synchronized void stop(Verdict why, String sentence, int code) {
    if (verdict != null) {
      return;
    }
    verdict = why;
    detail = sentence;
    exitCode = code;
    if (machine != null) {
      stopNow();
    }
  }

  /** Stops the machine when so much of the host's time has passed from now, ns; empty: never. */
  void limit(OptionalLong nanos) {
    if (nanos.isPresent()) {
      long limit = nanos.getAsLong();
      Thread.ofPlatform().daemon().name("timeout").start(() -> stopAfter(limit));
    }
  }

  private void stopAfter(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(nanos));
      stop(Verdict.TIMEOUT, "the limit of the host's time was reached", ExitCode.TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Presses the machine's power button, if it runs. */
  synchronized void pressPowerButton() {
    if (machine != null) {
      machine.pressPowerButton();
      wakeIdle.run();
    }
  }

  /** Pulses the machine's NMI, if it runs. */
  synchronized void injectNmi() {
    if (machine != null) {
      machine.injectNmi();
      wakeIdle.run();
    }
  }

  private void stopNow() {
    machine.stop(verdict, detail);
    release.run();
    wakeIdle.run();
  }

  /** The exit code asked for with a stop. */
  synchronized OptionalInt exitCode() {
    return verdict == null ? OptionalInt.empty() : OptionalInt.of(exitCode);
  }
}
