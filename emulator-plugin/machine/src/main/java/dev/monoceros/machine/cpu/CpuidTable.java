package dev.monoceros.machine.cpu;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * What CPUID answers: a fixed table, the same on every host. A Nehalem-class processor (SSE4.2,
 * POPCNT, no XSAVE) under a hypervisor. The time-stamp counter runs at 1 GHz, one tick a nanosecond
 * of virtual time, and is offered only where it can be hooked.
 *
 * <p>Leaves and bits: SDM volume 2, CPUID.
 */
final class CpuidTable {
  /** MAXPHYADDR: bits above are reserved in page-table entries. */
  static final int PHYSICAL_ADDRESS_BITS = 40;

  static final int TSC_HERTZ = 1_000_000_000;

  private static final int VIRTUAL_ADDRESS_BITS = 48;

  /**
   * Family 6, model 28, stepping 10: Bonnell, which does not speculate; nor does an emulator. Linux
   * knows such CPUs by their model and spares them what Meltdown and Spectre made necessary, above
   * all page tables of the kernel's own: with a TLB in software these cost a third of a boot.
   */
  private static final int SIGNATURE = 0x000106ca;

  private static final int CLFLUSH_64_BYTES = 8 << 8;
  private static final int ONE_LOGICAL_CPU = 1 << 16;

  private static final int ECX_SSE3 = 1;
  private static final int ECX_SSSE3 = 1 << 9;
  private static final int ECX_CX16 = 1 << 13;
  private static final int ECX_SSE4_1 = 1 << 19;
  private static final int ECX_SSE4_2 = 1 << 20;
  private static final int ECX_POPCNT = 1 << 23;
  private static final int ECX_RDRAND = 1 << 30;
  private static final int ECX_HYPERVISOR = 1 << 31;

  private static final int EDX_FPU = 1;
  private static final int EDX_DE = 1 << 2;
  private static final int EDX_PSE = 1 << 3;
  private static final int EDX_TSC = 1 << 4;
  private static final int EDX_MSR = 1 << 5;
  private static final int EDX_PAE = 1 << 6;
  private static final int EDX_MCE = 1 << 7;
  private static final int EDX_CX8 = 1 << 8;
  private static final int EDX_APIC = 1 << 9;
  private static final int EDX_SEP = 1 << 11;
  private static final int EDX_MTRR = 1 << 12;
  private static final int EDX_PGE = 1 << 13;
  private static final int EDX_MCA = 1 << 14;
  private static final int EDX_CMOV = 1 << 15;
  private static final int EDX_PAT = 1 << 16;
  private static final int EDX_PSE36 = 1 << 17;
  private static final int EDX_CLFSH = 1 << 19;
  private static final int EDX_MMX = 1 << 23;
  private static final int EDX_FXSR = 1 << 24;
  private static final int EDX_SSE = 1 << 25;
  private static final int EDX_SSE2 = 1 << 26;

  private static final int ALWAYS_RUNNING_APIC_TIMER = 1 << 2;
  private static final int EXTENDED_ECX_LAHF64 = 1;
  private static final int EXTENDED_EDX_SYSCALL = 1 << 11;
  private static final int EXTENDED_EDX_NX = 1 << 20;
  private static final int EXTENDED_EDX_PAGE_1G = 1 << 26;
  private static final int EXTENDED_EDX_LONG_MODE = 1 << 29;
  private static final int INVARIANT_TSC = 1 << 8;

  private static final int CACHES = 4;
  private static final int HIGHEST_BASIC = 0x16;
  private static final int HYPERVISOR = 0x4000_0000;
  private static final int EXTENDED = 0x8000_0000;
  private static final int HIGHEST_EXTENDED = 0x8000_0008;

  private static final String VENDOR = "GenuineIntel";
  private static final String HYPERVISOR_NAME = "Monoceros\0\0\0";
  private static final String BRAND = "Monoceros virtual CPU";

  /** The four registers of one answer. */
  record Leaf(int eax, int ebx, int ecx, int edx) {
    static final Leaf ZERO = new Leaf(0, 0, 0, 0);
  }

  private final Map<Integer, Leaf> leaves = new TreeMap<>();

  /**
   * Builds the table.
   *
   * @param timestamps whether the time-stamp counter is offered
   * @param random whether RDRAND is
   */
  CpuidTable(boolean timestamps, boolean random) {
    basic(timestamps, random);
    hypervisor();
    extended(timestamps);
  }

  /** The answer for a leaf and its index; leaves above the highest basic one answer like that. */
  Leaf answer(int leaf, int index) {
    if (leaf == CACHES) {
      return CacheLeaf.answer(index);
    }
    Leaf found = leaves.get(leaf);
    if (found != null) {
      return found;
    }
    boolean beyondBasic = leaf > HIGHEST_BASIC && leaf < HYPERVISOR;
    return beyondBasic ? leaves.getOrDefault(HIGHEST_BASIC, Leaf.ZERO) : Leaf.ZERO;
  }

  private void basic(boolean timestamps, boolean random) {
    leaves.put(0, new Leaf(HIGHEST_BASIC, text(VENDOR, 0), text(VENDOR, 8), text(VENDOR, 4)));
    int ecx =
        ECX_SSE3 | ECX_SSSE3 | ECX_CX16 | ECX_SSE4_1 | ECX_SSE4_2 | ECX_POPCNT | ECX_HYPERVISOR;
    ecx |= random ? ECX_RDRAND : 0;
    int edx = EDX_FPU | EDX_DE | EDX_PSE | EDX_MSR | EDX_PAE | EDX_CX8 | EDX_APIC;
    edx |= EDX_SEP | EDX_PGE | EDX_MTRR | EDX_MCE | EDX_MCA;
    edx |= EDX_CMOV | EDX_PAT | EDX_PSE36 | EDX_CLFSH | EDX_MMX | EDX_FXSR | EDX_SSE | EDX_SSE2;
    edx |= timestamps ? EDX_TSC : 0;
    leaves.put(1, new Leaf(SIGNATURE, CLFLUSH_64_BYTES | ONE_LOGICAL_CPU, ecx, edx));
    leaves.put(6, new Leaf(ALWAYS_RUNNING_APIC_TIMER, 0, 0, 0));
    if (timestamps) {
      // TSC = crystal x 1 / 1, and the crystal's frequency: no calibration needed
      leaves.put(0x15, new Leaf(1, 1, TSC_HERTZ, 0));
      leaves.put(0x16, new Leaf(TSC_HERTZ / 1_000_000, TSC_HERTZ / 1_000_000, 0, 0));
    }
  }

  private void hypervisor() {
    leaves.put(
        HYPERVISOR,
        new Leaf(
            HYPERVISOR,
            text(HYPERVISOR_NAME, 0),
            text(HYPERVISOR_NAME, 4),
            text(HYPERVISOR_NAME, 8)));
  }

  private void extended(boolean timestamps) {
    leaves.put(EXTENDED, new Leaf(HIGHEST_EXTENDED, 0, 0, 0));
    int edx = EXTENDED_EDX_SYSCALL | EXTENDED_EDX_NX | EXTENDED_EDX_PAGE_1G;
    edx |= EXTENDED_EDX_LONG_MODE; // no RDTSCP: the engine's Nehalem raises #UD for it
    leaves.put(EXTENDED + 1, new Leaf(0, 0, EXTENDED_ECX_LAHF64, edx));
    for (int i = 0; i < 3; i++) {
      int at = 16 * i;
      leaves.put(
          EXTENDED + 2 + i,
          new Leaf(
              text(BRAND, at), text(BRAND, at + 4), text(BRAND, at + 8), text(BRAND, at + 12)));
    }
    leaves.put(EXTENDED + 7, new Leaf(0, 0, 0, timestamps ? INVARIANT_TSC : 0));
    leaves.put(
        HIGHEST_EXTENDED, new Leaf(VIRTUAL_ADDRESS_BITS << 8 | PHYSICAL_ADDRESS_BITS, 0, 0, 0));
  }

  /** Four characters as a little-endian number, zero beyond the end. */
  private static int text(String text, int from) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int value = 0;
    for (int i = 0; i < 4; i++) {
      if (from + i < bytes.length) {
        value |= bytes[from + i] << 8 * i;
      }
    }
    return value;
  }
}
