package dev.monoceros.machine.chipset;

/**
 * The serial ports of a PC, with the ports and interrupts that BIOSes gave them: those of Linux's
 * SERIAL_PORT_DFNS, where it looks without ACPI. The first is the console.
 */
public enum SerialPort {
  COM1(0x3f8, 4),
  COM2(0x2f8, 3),
  COM3(0x3e8, 4),
  COM4(0x2e8, 3);

  private final int base;
  private final int irq;

  SerialPort(int base, int irq) {
    this.base = base;
    this.irq = irq;
  }

  /** The first of its eight I/O ports. */
  public int base() {
    return base;
  }

  /** Its ISA interrupt; COM3 and COM4 share those of COM1 and COM2. */
  public int irq() {
    return irq;
  }

  /** From 1 on, as in its name; Linux's ttyS has one less. */
  public int number() {
    return ordinal() + 1;
  }
}
