package dev.monoceros.machine.chipset.acpi;

import dev.monoceros.machine.chipset.Hpet;

/** The HPET description table (IA-PC HPET 1.0a, section 3.2.4), without its common header. */
final class HpetTable {
  static final String SIGNATURE = "HPET";
  static final int REVISION = 1;

  private static final int SPACE_MEMORY = 0;
  private static final int REGISTER_BITS = 64;
  private static final int FIRST_BLOCK = 0;
  private static final int NO_PAGE_GUARANTEE = 0;

  /**
   * "The minimum clock ticks can be set without lost interrupts while the counter is programmed to
   * operate in periodic mode": 128, as for QEMU, is 1.28 us.
   */
  private static final int LEAST_PERIOD = 128;

  private HpetTable() {}

  static byte[] body() {
    return new Bytes()
        .u32(Hpet.BLOCK_ID)
        .u8(SPACE_MEMORY)
        .u8(REGISTER_BITS)
        .u8(0)
        .u8(0)
        .u64(Hpet.ADDRESS)
        .u8(FIRST_BLOCK)
        .u16(LEAST_PERIOD)
        .u8(NO_PAGE_GUARANTEE)
        .toByteArray();
  }
}
