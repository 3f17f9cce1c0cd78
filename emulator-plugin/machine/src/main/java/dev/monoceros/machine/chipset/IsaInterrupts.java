package dev.monoceros.machine.chipset;

import dev.monoceros.machine.bus.InterruptLine;

/**
 * The ISA interrupt requests, each wired to the 8259s and to the I/O APIC. Only one of them listens
 * at a time: software masks what it does not use.
 */
record IsaInterrupts(Pic pic, IoApic ioApic) {
  /** IRQ 0 comes in at input 2, where a real board has the 8259s' cascade; the MADT says so. */
  static final int TIMER_INPUT = 2;

  /** The wire of {@code irq}, 0 to 15, but not 2. */
  InterruptLine line(int irq) {
    InterruptLine toPic = pic.line(irq);
    InterruptLine toIoApic = ioApic.line(irq == Chipset.TIMER_IRQ ? TIMER_INPUT : irq);
    return asserted -> {
      toPic.set(asserted);
      toIoApic.set(asserted);
    };
  }
}
