package dev.monoceros.cli.console;

import dev.monoceros.cli.exit.ExitCode;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jline.utils.Signals;

/**
 * SIGINT, SIGTERM and SIGHUP. The first asks for an orderly end; one that comes more than a second
 * later ends the process at once. (A Ctrl-C arrives twice, from the terminal and from the
 * launcher.)
 */
public final class StopSignals {
  private static final long PATIENCE = 1_000_000_000;

  private enum Kind {
    HUP(1),
    INT(2),
    TERM(15);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  private final LongSupplier hostNanos;
  private BiConsumer<String, Integer> stop =
      (name, exitCode) -> Runtime.getRuntime().exit(exitCode);
  private boolean asked;
  private long askedAt;

  /**
   * Handlers, not yet installed.
   *
   * @param hostNanos the host's monotonic clock, ns
   */
  public StopSignals(LongSupplier hostNanos) {
    this.hostNanos = hostNanos;
  }

  /** Takes the signals over, save those that this process was told to ignore (nohup). */
  public void install() {
    for (Kind kind : Kind.values()) {
      Signals.register(kind.name(), () -> received(kind));
    }
  }

  /**
   * From now on the first signal does this; before, it exits.
   *
   * @param action told the signal's name and the exit code that it means
   */
  public synchronized void onStop(BiConsumer<String, Integer> action) {
    stop = action;
  }

  private void received(Kind kind) {
    BiConsumer<String, Integer> action;
    synchronized (this) {
      long now = hostNanos.getAsLong();
      if (asked && now - askedAt > PATIENCE) {
        Runtime.getRuntime().halt(ExitCode.SIGNAL + kind.number);
      }
      if (asked) {
        return;
      }
      asked = true;
      askedAt = now;
      action = stop;
    }
    action.accept("SIG" + kind.name(), ExitCode.SIGNAL + kind.number);
  }
}
