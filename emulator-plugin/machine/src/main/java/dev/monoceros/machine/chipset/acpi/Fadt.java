package dev.monoceros.machine.chipset.acpi;

import dev.monoceros.machine.chipset.AcpiPm;
import dev.monoceros.machine.chipset.Chipset;
import dev.monoceros.machine.chipset.ResetControl;
import dev.monoceros.machine.chipset.Rtc;

/** The fixed ACPI description table (ACPI 6.3, section 5.2.9), without its common header. */
final class Fadt {
  static final int REVISION = 6;
  static final int MINOR_REVISION = 3;

  private static final int PROFILE_UNSPECIFIED = 0;

  /**
   * "A value greater than 100 (1000) indicates that the system does not support the C2 (C3) state."
   */
  private static final int NO_C2 = 0xfff;

  private static final int NO_C3 = 0xfff;

  /** IAPC_BOOT_ARCH: there are ISA devices; no 8042 worth probing, no VGA, no ASPM. */
  private static final int LEGACY_DEVICES = 1;

  private static final int VGA_NOT_PRESENT = 1 << 2;
  private static final int NO_PCIE_ASPM = 1 << 4;

  private static final long WBINVD = 1;
  private static final long PROC_C1 = 1L << 2;
  private static final long NO_SLEEP_BUTTON = 1L << 5;
  private static final long RTC_WAKE_NOT_FIXED = 1L << 6;
  private static final long TIMER_32_BITS = 1L << 8;
  private static final long RESET_REGISTER = 1L << 10;
  private static final long HEADLESS = 1L << 12;

  private static final int SPACE_IO = 1;
  private static final int ACCESS_BYTE = 1;
  private static final int ACCESS_WORD = 2;
  private static final int ACCESS_DWORD = 3;

  private Fadt() {}

  static byte[] body(long facs, long dsdt) {
    Bytes b = new Bytes();
    b.u32(facs).u32(dsdt).u8(0).u8(PROFILE_UNSPECIFIED).u16(Chipset.SCI_IRQ);
    // No SMI command port: the machine is in ACPI mode from the start (section 4.8.2.5).
    b.u32(0).u8(0).u8(0).u8(0).u8(0);
    b.u32(AcpiPm.EVENT_PORT)
        .u32(0)
        .u32(AcpiPm.CONTROL_PORT)
        .u32(0)
        .u32(0)
        .u32(AcpiPm.TIMER_PORT)
        .u32(0)
        .u32(0);
    b.u8(AcpiPm.EVENT_LENGTH)
        .u8(AcpiPm.CONTROL_LENGTH)
        .u8(0)
        .u8(AcpiPm.TIMER_LENGTH)
        .u8(0)
        .u8(0)
        .u8(0)
        .u8(0);
    b.u16(NO_C2).u16(NO_C3).u16(0).u16(0).u8(0).u8(0).u8(0).u8(0).u8(Rtc.CENTURY);
    b.u16(LEGACY_DEVICES | VGA_NOT_PRESENT | NO_PCIE_ASPM).u8(0);
    b.u32(
        WBINVD
            | PROC_C1
            | NO_SLEEP_BUTTON
            | RTC_WAKE_NOT_FIXED
            | TIMER_32_BITS
            | RESET_REGISTER
            | HEADLESS);
    register(b, ResetControl.PORT, 1, ACCESS_BYTE);
    b.u8(ResetControl.HARD_RESET).u16(0).u8(MINOR_REVISION);
    // X_FIRMWARE_CTRL must be zero where FIRMWARE_CTRL is not (table 5-33).
    b.u64(0).u64(dsdt);
    register(b, AcpiPm.EVENT_PORT, AcpiPm.EVENT_LENGTH, ACCESS_WORD);
    noRegister(b);
    register(b, AcpiPm.CONTROL_PORT, AcpiPm.CONTROL_LENGTH, ACCESS_WORD);
    noRegister(b);
    noRegister(b);
    register(b, AcpiPm.TIMER_PORT, AcpiPm.TIMER_LENGTH, ACCESS_DWORD);
    noRegister(b);
    noRegister(b);
    // Sleep control and status registers belong to hardware-reduced ACPI.
    noRegister(b);
    noRegister(b);
    return b.text("MONOCERO", 8).toByteArray();
  }

  /** A generic address structure (section 5.2.3.2). */
  private static void register(Bytes b, int port, int bytes, int access) {
    b.u8(SPACE_IO).u8(bytes * 8).u8(0).u8(access).u64(port);
  }

  private static void noRegister(Bytes b) {
    b.zeroes(12);
  }
}
