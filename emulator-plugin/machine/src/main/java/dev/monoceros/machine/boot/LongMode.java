package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;

/**
 * Page tables and descriptors for the first instruction (Intel SDM volume 3, sections 3.4.5 and
 * 4.5).
 */
final class LongMode {
  static final int CODE_SELECTOR = 0x10;
  static final int DATA_SELECTOR = 0x18;
  static final int GDT_LIMIT = 0x1f;

  /** PE, MP, ET, NE, WP, AM, PG: what Linux itself sets. */
  static final long CR0 = 0x8005_0033L;

  /** PAE. */
  static final long CR4 = 0x20;

  /** LME and LMA. */
  static final long EFER = 0x500;

  static final long RFLAGS = 0x2;

  /** Present, ring 0, execute and read, accessed, long, 4 KiB granularity. */
  private static final long CODE_DESCRIPTOR = 0x00af_9b00_0000_ffffL;

  /** Present, ring 0, read and write, accessed, 32-bit, 4 KiB granularity. */
  private static final long DATA_DESCRIPTOR = 0x00cf_9300_0000_ffffL;

  private static final long PRESENT_WRITABLE = 0x3;
  private static final long LARGE_PAGE = 0x80;
  private static final long LARGE_PAGE_SIZE = 1L << 21;
  private static final long TABLE = 4096;
  private static final int ENTRIES = 512;
  private static final int GIBIBYTES = 4;
  private static final int TABLES = 2 + GIBIBYTES;

  private LongMode() {}

  static void writeGdt(PhysicalMemory ram) {
    MemorySegment gdt = ram.slice(LowMemory.GDT, GDT_LIMIT + 1L);
    gdt.fill((byte) 0);
    LittleEndian.put64(gdt, CODE_SELECTOR, CODE_DESCRIPTOR);
    LittleEndian.put64(gdt, DATA_SELECTOR, DATA_DESCRIPTOR);
  }

  /** PML4, PDPT and four page directories that map the first 4 GiB to itself in 2 MiB pages. */
  static void writePageTables(PhysicalMemory ram) {
    MemorySegment tables = ram.slice(LowMemory.PAGE_TABLES, TABLES * TABLE);
    tables.fill((byte) 0);
    LittleEndian.put64(tables, 0, (LowMemory.PAGE_TABLES + TABLE) | PRESENT_WRITABLE);
    for (int gib = 0; gib < GIBIBYTES; gib++) {
      long directory = (2L + gib) * TABLE;
      LittleEndian.put64(
          tables, TABLE + 8L * gib, (LowMemory.PAGE_TABLES + directory) | PRESENT_WRITABLE);
      for (int i = 0; i < ENTRIES; i++) {
        long page = ((long) gib * ENTRIES + i) * LARGE_PAGE_SIZE;
        LittleEndian.put64(tables, directory + 8L * i, page | LARGE_PAGE | PRESENT_WRITABLE);
      }
    }
  }
}
