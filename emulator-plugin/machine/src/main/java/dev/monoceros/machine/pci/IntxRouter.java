package dev.monoceros.machine.pci;

import dev.monoceros.machine.bus.InterruptLine;
import dev.monoceros.machine.bus.SharedLine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Which interrupt each slot's INTx pins lead to: pins are handed to the given IRQs in turn, slot by
 * slot, as board wiring does ("swizzle", PCI-to-PCI Bridge Architecture 1.2, table 9-1). Devices on
 * one IRQ share it.
 */
public final class IntxRouter {
  private final List<Integer> irqs;
  private final List<SharedLine> lines = new ArrayList<>();

  /**
   * A router onto {@code irqs}, which must be level triggered.
   *
   * @param irqs at least one
   * @param line gives the wire of an IRQ
   */
  public IntxRouter(List<Integer> irqs, IntFunction<InterruptLine> line) {
    if (irqs.isEmpty()) {
      throw new IllegalArgumentException("PCI needs at least one IRQ");
    }
    this.irqs = List.copyOf(irqs);
    for (int irq : irqs) {
      lines.add(new SharedLine(line.apply(irq)));
    }
  }

  /**
   * The IRQ of a pin.
   *
   * @param slot 0 to 31
   * @param pin 1 (INTA#) to 4 (INTD#)
   */
  public int irq(int slot, int pin) {
    return irqs.get(index(slot, pin));
  }

  /** A new end of the wire of a pin. */
  InterruptLine connect(int slot, int pin) {
    return lines.get(index(slot, pin)).input();
  }

  private int index(int slot, int pin) {
    return (slot + pin - 1) % irqs.size();
  }
}
