package dev.monoceros.machine.bus;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Places on the memory bus for devices that the guest cannot discover, one after the other, all on
 * one shared interrupt. A service for plug-ins; the machine tells the guest about the slots.
 */
public final class MmioSlots {
  private final AddressBus mmio;
  private final long end;
  private final int irq;
  private final SharedLine line;
  private final List<MmioSlot> taken = new ArrayList<>();
  private long next;

  /**
   * No slot is taken yet.
   *
   * @param base first address
   * @param end first address beyond
   * @param irq number of the interrupt that {@code line} drives, which must be level triggered
   */
  public MmioSlots(AddressBus mmio, long base, long end, int irq, InterruptLine line) {
    this.mmio = mmio;
    this.next = base;
    this.end = end;
    this.irq = irq;
    this.line = new SharedLine(line);
  }

  /**
   * Puts registers at the next place.
   *
   * @param owner for messages
   * @param length bytes, a power of two
   * @return the device's own end of the interrupt
   * @throws IllegalStateException if there is no room
   */
  public InterruptLine add(String owner, int length, IoRegion region) {
    long base = next + length - 1 & -length;
    if (Integer.bitCount(length) != 1 || base > end - length) {
      throw new IllegalStateException("no room for %d bytes of %s".formatted(length, owner));
    }
    mmio.register(owner, base, length, region);
    next = base + length;
    taken.add(new MmioSlot(base, length, irq));
    return line.input();
  }

  /** What was taken so far, in order. */
  public List<MmioSlot> taken() {
    return Collections.unmodifiableList(taken);
  }
}
