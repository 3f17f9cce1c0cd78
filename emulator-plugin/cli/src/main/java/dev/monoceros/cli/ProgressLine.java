package dev.monoceros.cli;

import dev.monoceros.images.Progress;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Tells what is being fetched and built. On a terminal one line that is rewritten, elsewhere a line
 * for each new step.
 */
final class ProgressLine implements Progress, AutoCloseable {
  private static final String START_OF_LINE = "\r\u001b[K";
  private static final long INTERVAL = 100_000_000;
  private static final int WIDEST = 70;

  private final PrintStream err;
  private final boolean terminal;
  private final LongSupplier nanos;
  private final Set<String> told = new HashSet<>();
  private String step = "";
  private long shownAt;
  private boolean shown;

  ProgressLine(PrintStream err, boolean terminal, LongSupplier nanos) {
    this.err = err;
    this.terminal = terminal;
    this.nanos = nanos;
  }

  @Override
  public synchronized void update(Phase phase, String subject, long done, long total) {
    String now = verb(phase) + " " + subject;
    boolean next = !now.equals(step);
    step = now;
    if (!terminal) {
      if (phase != Phase.UNPACK && told.add(now)) {
        err.println("monoceros: " + now);
      }
      return;
    }
    if (next || nanos.getAsLong() - shownAt >= INTERVAL) {
      shownAt = nanos.getAsLong();
      String text = now + amount(done, total);
      err.print(START_OF_LINE + (text.length() > WIDEST ? text.substring(0, WIDEST) : text));
      err.flush();
      shown = true;
    }
  }

  private static String verb(Phase phase) {
    return switch (phase) {
      case WAITING -> "waiting for another process:";
      case INDEX -> "reading the package index of";
      case DOWNLOAD -> "fetching";
      case UNPACK -> "unpacking";
      case BUILD -> "building";
    };
  }

  private static String amount(long done, long total) {
    if (total <= 0) {
      return done > 0 ? String.format(java.util.Locale.ROOT, "  %.1f MiB", done / 1048576.0) : "";
    }
    return String.format(
        java.util.Locale.ROOT,
        "  %3d %% of %.1f MiB",
        Math.min(100, done * 100 / total),
        total / 1048576.0);
  }

  /** Takes the line away. */
  @Override
  public synchronized void close() {
    if (shown) {
      err.print(START_OF_LINE);
      err.flush();
      shown = false;
    }
  }
}
