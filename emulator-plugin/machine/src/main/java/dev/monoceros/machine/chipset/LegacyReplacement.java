package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.InterruptLine;

/**
 * Who drives IRQ 0 and IRQ 8: the interval timer and the real-time clock, or instead of them timers
 * 0 and 1 of the {@link Hpet} (IA-PC HPET 1.0a, section 2.3.5, LEG_RT_CNF).
 */
public final class LegacyReplacement {
  private final Wire irq0;
  private final Wire irq8;
  private final InterruptLine[] hpet;

  /** In the state after reset: the old timers drive the lines. */
  public LegacyReplacement(InterruptLine irq0, InterruptLine irq8) {
    this.irq0 = new Wire(irq0);
    this.irq8 = new Wire(irq8);
    this.hpet = new InterruptLine[] {this.irq0::fromNew, this.irq8::fromNew};
  }

  /** The interval timer's end of IRQ 0. */
  public InterruptLine pit() {
    return irq0::fromOld;
  }

  /** The real-time clock's end of IRQ 8. */
  public InterruptLine rtc() {
    return irq8::fromOld;
  }

  /** The end of timer 0 or 1 of the HPET. */
  InterruptLine hpet(int timer) {
    return hpet[timer];
  }

  void replace(boolean on) {
    irq0.select(on);
    irq8.select(on);
  }

  /** A wire with two drivers of which one is heard. */
  private static final class Wire {
    private final InterruptLine target;
    private boolean oldLevel;
    private boolean newLevel;
    private boolean replaced;

    Wire(InterruptLine target) {
      this.target = target;
    }

    void fromOld(boolean asserted) {
      oldLevel = asserted;
      drive();
    }

    void fromNew(boolean asserted) {
      newLevel = asserted;
      drive();
    }

    void select(boolean replace) {
      replaced = replace;
      drive();
    }

    private void drive() {
      target.set(replaced ? newLevel : oldLevel);
    }
  }
}
