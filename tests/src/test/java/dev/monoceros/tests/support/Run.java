package dev.monoceros.tests.support;

import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A machine's run to its end.
 *
 * @param result what the machine says of it
 * @param bytes all that the guest sent on its serial port
 */
public record Run(RunResult result, byte[] bytes) {
  /** So long a run may take before the test stops it; a quiet host needs a tenth. */
  private static final long LIMIT_SECONDS = 240;

  /** Runs a machine without console input, closes it and so its disks. */
  public static Run of(MachineConfig config) throws MachineException, IOException {
    return of(config, Dialogue.silent());
  }

  /** Runs a machine with somebody at the other end of its serial line. */
  public static Run of(MachineConfig config, Dialogue console)
      throws MachineException, IOException {
    return of(config, console, LIMIT_SECONDS);
  }

  /** The same for a run that may take longer than others, in seconds of the host's time. */
  public static Run of(MachineConfig config, Dialogue console, long limitSeconds)
      throws MachineException, IOException {
    try (Machine machine = Machine.open(config, console, console)) {
      CountDownLatch done = new CountDownLatch(1);
      Thread limit =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    if (!await(done, limitSeconds)) {
                      machine.stop(Verdict.STOPPED, "the test ran into its limit of host time");
                    }
                  });
      try {
        return new Run(machine.run(), console.heard());
      } finally {
        done.countDown();
        join(limit);
      }
    }
  }

  private static boolean await(CountDownLatch done, long seconds) {
    try {
      return done.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the guest sent, as text. */
  public String console() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The console's last lines and the result, for the message of a failed assertion. */
  public String tail() {
    String[] lines = console().split("\n", -1);
    return result
        + "\n"
        + String.join(
            "\n", Arrays.copyOfRange(lines, Math.max(0, lines.length - 30), lines.length));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Run run && result.equals(run.result) && Arrays.equals(bytes, run.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * result.hashCode() + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return tail();
  }
}
