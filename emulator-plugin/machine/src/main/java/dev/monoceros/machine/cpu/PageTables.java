package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;

/**
 * The page-table walk of 4-level paging (SDM 4.5): access rights, accessed and dirty bits, 4 KiB, 2
 * MiB and 1 GiB pages, NX and CR0.WP. Writes nothing but A and D bits.
 *
 * <p>The result is a number: the physical page with {@link #WRITABLE} and {@link #DIRTY} in its low
 * bits; or, negative, a page-fault error code (see {@link #errorCode}).
 */
final class PageTables {
  /** The page may be stored to at this privilege. */
  static final long WRITABLE = 1;

  /** The leaf's D bit is set: a first store needs no walk. */
  static final long DIRTY = 2;

  /** Page-fault error code bits, SDM 4.7. */
  static final int ERROR_PRESENT = 1;

  static final int ERROR_WRITE = 1 << 1;
  static final int ERROR_USER = 1 << 2;
  static final int ERROR_RESERVED = 1 << 3;
  static final int ERROR_FETCH = 1 << 4;

  private static final long CR0_WP = 1 << 16;
  private static final long CR0_PG = 1L << 31;
  private static final long EFER_NXE = 1 << 11;
  private static final long P = 1;
  private static final long W = 1 << 1;
  private static final long U = 1 << 2;
  private static final long A = 1 << 5;
  private static final long D = 1 << 6;
  private static final long PS = 1 << 7;
  private static final long NX = 1L << 63;
  private static final int PHYSICAL_BITS = CpuidTable.PHYSICAL_ADDRESS_BITS;
  private static final long ADDRESS = (1L << 52) - 4096;
  private static final long RESERVED = ADDRESS & -(1L << PHYSICAL_BITS);
  private static final long FAULT = 1L << 63;

  private final PhysicalRam ram;
  private final CpuState state;

  PageTables(PhysicalRam ram, CpuState state) {
    this.ram = ram;
    this.state = state;
  }

  static boolean isFault(long result) {
    return result < 0;
  }

  /** Whether bits 63 to 47 are alike (SDM volume 1, 3.3.7.1). */
  static boolean canonical(long address) {
    return address << 16 >> 16 == address;
  }

  static int errorCode(long fault) {
    return (int) fault;
  }

  /**
   * Translates one address.
   *
   * @param write a store: sets the D bit
   * @param fetch an instruction fetch
   * @param user with user rights; else with supervisor rights
   */
  long walk(long address, boolean write, boolean fetch, boolean user) {
    long cr0 = state.control(0);
    if ((cr0 & CR0_PG) == 0) {
      return address & ADDRESS | WRITABLE | DIRTY;
    }
    boolean nxe = (state.efer() & EFER_NXE) != 0;
    int access =
        (write ? ERROR_WRITE : 0) | (user ? ERROR_USER : 0) | (fetch && nxe ? ERROR_FETCH : 0);
    if (!canonical(address)) {
      return FAULT | access; // whoever delivers it makes it #GP or #SS
    }
    long reserved = nxe ? RESERVED : RESERVED | NX;
    long table = state.control(3) & ADDRESS;
    long rights = W | U;
    long noExecute = 0;
    for (int shift = 39; ; shift -= 9) {
      long slot = table + ((address >>> shift & 0x1ff) << 3);
      if (!ram.contains(slot, 8)) {
        return FAULT | access;
      }
      long entry = ram.getLong(slot);
      if ((entry & P) == 0) {
        return FAULT | access;
      }
      boolean leaf = shift == 12 || (entry & PS) != 0;
      long bad = reserved | (leaf && shift > 12 ? largePageReserved(shift) : 0);
      if ((entry & bad) != 0 || leaf && shift == 39) {
        return FAULT | access | ERROR_PRESENT | ERROR_RESERVED;
      }
      rights &= entry;
      noExecute |= entry & NX;
      if (leaf) {
        boolean writable =
            (rights & W) != 0 && (!user || (rights & U) != 0) || !user && (cr0 & CR0_WP) == 0;
        boolean allowed =
            (!user || (rights & U) != 0) && (!write || writable) && (!fetch || noExecute == 0);
        if (!allowed) {
          return FAULT | access | ERROR_PRESENT;
        }
        long updated = entry | A | (write ? D : 0);
        if (updated != entry) {
          ram.putLong(slot, updated);
        }
        long offsetMask = (1L << shift) - 1;
        long page = (entry & ADDRESS & ~offsetMask) | address & offsetMask & ~0xfffL;
        return page | (writable ? WRITABLE : 0) | ((updated & D) != 0 ? DIRTY : 0);
      }
      if ((entry & A) == 0) {
        ram.putLong(slot, entry | A);
      }
      table = entry & ADDRESS;
    }
  }

  /** Bits between the PAT bit (12) and the page address must be 0 (SDM tables 4-15 and 4-17). */
  private static long largePageReserved(int shift) {
    return (1L << shift) - (1L << 13);
  }
}
