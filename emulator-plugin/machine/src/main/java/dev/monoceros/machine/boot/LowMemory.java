package dev.monoceros.machine.boot;

/** What we put below 1 MiB. Linux copies or reserves all of it before it hands out low memory. */
final class LowMemory {
  static final long GDT = 0x1000;
  static final long BOOT_PARAMS = 0x2000;

  /** hvm_start_info and its tables take the place of boot_params. */
  static final long START_INFO = 0x2000;

  static final long SETUP_DATA = 0x3000;
  static final long SETUP_DATA_LIMIT = 0x1000;
  static final long PAGE_TABLES = 0x4000;
  static final long STACK_TOP = 0xc000;
  static final long COMMAND_LINE = 0x10000;
  static final long COMMAND_LINE_LIMIT = 0x10000;

  /** Conventional memory ends below the place of the extended BIOS data area. */
  static final long CONVENTIONAL_END = 0x9fc00;

  static final long CONVENTIONAL_LIMIT = 0xa0000;

  /**
   * Where firmware keeps its tables; the RSDP is searched from here on (ACPI 6.3, section 5.2.5.1).
   */
  static final long FIRMWARE = 0xe0000;

  static final long EXTENDED = 0x100000;

  private LowMemory() {}
}
