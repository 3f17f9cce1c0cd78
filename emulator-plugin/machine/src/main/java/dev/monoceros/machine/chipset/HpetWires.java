package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.SharedLine;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The ways that interrupts of the {@link Hpet}'s timers can take, and the one that each takes now.
 * Timers on one I/O APIC input share it.
 */
final class HpetWires {
  static final int NOWHERE = -1;

  private static final int LEGACY = -2;

  private final InterruptLine[][] byInput;
  private final LegacyReplacement legacy;
  private final InterruptLine[] current;
  private final int[] places;
  private final boolean[] levelTriggered;

  HpetWires(int timers, IntFunction<InterruptLine> inputs, long routes, LegacyReplacement legacy) {
    this.byInput = new InterruptLine[timers][Integer.SIZE];
    this.legacy = legacy;
    this.current = new InterruptLine[timers];
    this.places = new int[timers];
    this.levelTriggered = new boolean[timers];
    Arrays.fill(current, InterruptLine.unconnected());
    Arrays.fill(places, NOWHERE);
    for (int input = 0; input < Integer.SIZE; input++) {
      if ((routes >>> input & 1) != 0) {
        SharedLine line = new SharedLine(inputs.apply(input));
        for (int timer = 0; timer < timers; timer++) {
          byInput[timer][input] = line.input();
        }
      }
    }
  }

  void routeLegacy(int timer) {
    move(timer, LEGACY, legacy.hpet(timer));
  }

  void route(int timer, int input) {
    move(timer, input, input == NOWHERE ? InterruptLine.unconnected() : byInput[timer][input]);
  }

  private void move(int timer, int place, InterruptLine line) {
    if (places[timer] != place) {
      current[timer].set(false);
      places[timer] = place;
      current[timer] = line;
    }
  }

  /**
   * A rising edge. The line stays up until the next one, since an 8259 forgets a request whose line
   * falls before the CPU has taken it.
   */
  void pulse(int timer) {
    current[timer].set(false);
    current[timer].set(true);
  }

  void level(int timer, boolean asserted) {
    levelTriggered[timer] = true;
    current[timer].set(asserted);
  }

  /** An edge-triggered timer: {@code live} leaves the line as the last edge left it. */
  void edge(int timer, boolean live) {
    if (levelTriggered[timer] || !live) {
      current[timer].set(false);
    }
    levelTriggered[timer] = false;
  }
}
