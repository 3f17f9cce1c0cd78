package dev.monoceros.machine.chipset.acpi;

import dev.monoceros.machine.chipset.Chipset;
import dev.monoceros.machine.chipset.IoApic;
import dev.monoceros.machine.chipset.LocalApic;

/** The multiple APIC description table (ACPI 6.3, section 5.2.12), without its common header. */
final class Madt {
  static final int REVISION = 4;

  /** There are 8259s, too. */
  private static final int PCAT_COMPAT = 1;

  private static final int LOCAL_APIC = 0;
  private static final int IO_APIC = 1;
  private static final int SOURCE_OVERRIDE = 2;
  private static final int LOCAL_NMI = 4;

  private static final int ENABLED = 1;
  private static final int BUS_ISA = 0;
  private static final int ALL_PROCESSORS = 0xff;
  private static final int LINT1 = 1;

  /** Polarity and trigger mode as the bus has them; active high and level (table 5-49). */
  private static final int CONFORMS = 0;

  private static final int ACTIVE_HIGH_LEVEL = 1 | 3 << 2;

  private Madt() {}

  static byte[] body() {
    Bytes b = new Bytes().u32(LocalApic.BASE).u32(PCAT_COMPAT);
    b.u8(LOCAL_APIC).u8(8).u8(Dsdt.PROCESSOR_UID).u8(0).u32(ENABLED);
    b.u8(IO_APIC).u8(12).u8(0).u8(0).u32(IoApic.BASE).u32(0);
    override(b, Chipset.TIMER_IRQ, Chipset.TIMER_INPUT, CONFORMS);
    override(b, Chipset.SCI_IRQ, Chipset.SCI_IRQ, ACTIVE_HIGH_LEVEL);
    b.u8(LOCAL_NMI).u8(6).u8(ALL_PROCESSORS).u16(CONFORMS).u8(LINT1);
    return b.toByteArray();
  }

  private static void override(Bytes b, int irq, int input, int flags) {
    b.u8(SOURCE_OVERRIDE).u8(10).u8(BUS_ISA).u8(irq).u32(input).u16(flags);
  }
}
