package dev.monoceros.cli.tool;

import java.util.Locale;

/** The line that {@code -p} shows, {@code (12.34/100%)}, on standard output. */
public final class ProgressMeter {
  private static final float WHOLE = 100;

  private final Tool tool;
  private final boolean shown;
  private final float step;
  private float percent;
  private float printed;

  /**
   * @param shown whether to show anything
   * @param step percentage points between two prints
   */
  public ProgressMeter(Tool tool, boolean shown, float step) {
    this.tool = tool;
    this.shown = shown;
    this.step = step;
  }

  /** Sets the meter. */
  public void at(float newPercent) {
    percent = Math.min(newPercent, WHOLE);
    if (percent > printed + step || percent < printed - step || percent == WHOLE || percent == 0) {
      printed = percent;
      if (shown) {
        tool.print(String.format(Locale.ROOT, "    (%3.2f/100%%)\r", percent));
        tool.flush();
      }
    }
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
