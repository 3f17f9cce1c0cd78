package dev.monoceros.cli.tool;

import java.util.Locale;
import sun.misc.Signal;

/**
 * The line that {@code -p} shows, {@code (12.34/100%)}, on standard output. Without {@code -p} the
 * signal SIGUSR1 asks for one such line on standard error.
 */
public final class ProgressMeter {
  private static final float WHOLE = 100;

  private final Tool tool;
  private final boolean shown;
  private final float step;
  private float percent;
  private float printed;
  private volatile boolean asked;

  /**
   * @param shown whether to show anything
   * @param step percentage points between two prints
   */
  public ProgressMeter(Tool tool, boolean shown, float step) {
    this.tool = tool;
    this.shown = shown;
    this.step = step;
    if (!shown) {
      // Not through JLine, whose proxy and logger would take 10 ms of a process that lasts 100.
      Signal.handle(new Signal("USR1"), _ -> asked = true);
    }
  }

  /** Whether anybody looks at the meter, or has asked for it. */
  public boolean wanted() {
    return shown || asked;
  }

  /** Sets the meter. */
  public void at(float newPercent) {
    percent = Math.min(newPercent, WHOLE);
    if (percent > printed + step || percent < printed - step || percent == WHOLE || percent == 0) {
      printed = percent;
      if (shown) {
        tool.print(text() + "\r");
        tool.flush();
      } else if (asked) {
        asked = false;
        tool.errorText(text() + "\n");
      }
    }
  }

  private String text() {
    return String.format(Locale.ROOT, "    (%3.2f/100%%)", percent);
  }

  /** Advances by {@code delta} hundredths of a part that is {@code max} percent of all. */
  public void advance(float delta, int max) {
    at(percent + delta / WHOLE * max);
  }

  /** Ends the line. */
  public void end() {
    if (shown) {
      tool.print("\n");
      tool.flush();
    }
  }
}
