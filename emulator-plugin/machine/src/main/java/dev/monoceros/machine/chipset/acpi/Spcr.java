package dev.monoceros.machine.chipset.acpi;

import dev.monoceros.machine.chipset.SerialPort;

/**
 * The serial port console redirection table, revision 2 (Microsoft's specification of that name,
 * 1.03), without its common header: the first serial port is the console, at 115,200 baud.
 */
final class Spcr {
  static final String SIGNATURE = "SPCR";
  static final int REVISION = 2;

  /** "Full 16550 interface." */
  private static final int INTERFACE_16550 = 0;

  private static final int SPACE_IO = 1;
  private static final int REGISTER_BITS = 8;
  private static final int ACCESS_BYTE = 1;
  private static final int INTERRUPT_DUAL_8259 = 1;
  private static final int INTERRUPT_IO_APIC = 1 << 1;
  private static final int BAUD_115200 = 7;
  private static final int NO_PARITY = 0;
  private static final int ONE_STOP_BIT = 1;
  private static final int NO_FLOW_CONTROL = 0;
  private static final int TERMINAL_ANSI = 3;
  private static final int NO_PCI_DEVICE = 0xffff;
  private static final int PCI_PLACE_AND_SEGMENT = 3 + 4 + 1;

  private Spcr() {}

  static byte[] body() {
    return new Bytes()
        .u8(INTERFACE_16550)
        .zeroes(3)
        .u8(SPACE_IO)
        .u8(REGISTER_BITS)
        .u8(0)
        .u8(ACCESS_BYTE)
        .u64(SerialPort.COM1.base())
        .u8(INTERRUPT_DUAL_8259 | INTERRUPT_IO_APIC)
        .u8(SerialPort.COM1.irq())
        .u32(SerialPort.COM1.irq())
        .u8(BAUD_115200)
        .u8(NO_PARITY)
        .u8(ONE_STOP_BIT)
        .u8(NO_FLOW_CONTROL)
        .u8(TERMINAL_ANSI)
        .u8(0)
        .u16(NO_PCI_DEVICE)
        .u16(NO_PCI_DEVICE)
        .zeroes(PCI_PLACE_AND_SEGMENT)
        .zeroes(4)
        .toByteArray();
  }
}
