package dev.monoceros.machine.bus;

import java.util.Objects;

/**
 * Several level-triggered devices on one wire (wired OR): the wire is asserted while any of them
 * asserts it.
 */
public final class SharedLine {
  private final InterruptLine target;
  private int asserting;

  /** Sharers of {@code target}. */
  public SharedLine(InterruptLine target) {
    this.target = Objects.requireNonNull(target);
  }

  /** A new end of the wire, for one more device. */
  public InterruptLine input() {
    return new Input();
  }

  private final class Input implements InterruptLine {
    private boolean level;

    @Override
    public void set(boolean asserted) {
      if (asserted == level) {
        return;
      }
      level = asserted;
      asserting += asserted ? 1 : -1;
      target.set(asserting > 0);
    }
  }
}
