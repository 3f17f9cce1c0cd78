package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;

/**
 * Host memory by address: anonymous mappings for guest RAM and code stubs, and unchecked accesses
 * for the hot paths of the CPU. An address that is not mapped crashes the JVM, so every caller
 * checks its range first.
 *
 * <p>Values are in the host's byte order; only little-endian hosts are supported (checked by {@link
 * UnicornLibrary}).
 */
public final class HostMemory {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_NORESERVE = 0x4000;
  private static final int MADV_HUGEPAGE = 14;

  private static final MemorySegment MMAP = libc("mmap");
  private static final MemorySegment MUNMAP = libc("munmap");
  private static final MemorySegment MPROTECT = libc("mprotect");
  private static final MemorySegment MADVISE = libc("madvise");
  private static final MemorySegment MEMMEM = libc("memmem");

  private HostMemory() {}

  private static MemorySegment libc(String name) {
    return Linker.nativeLinker().defaultLookup().findOrThrow(name);
  }

  /**
   * Maps zeroed, private, page-aligned memory; pages are taken from the host only when touched.
   *
   * @param bytes size, a multiple of 4096
   * @return the memory, valid until {@link #unmap}
   * @throws OutOfMemoryError when the host refuses
   */
  public static MemorySegment map(long bytes) {
    long at =
        NativeCalls.call(
            MMAP,
            0,
            bytes,
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
            -1,
            0);
    if (at == -1) {
      throw new OutOfMemoryError("the host gives no " + bytes + " bytes of memory");
    }
    // Advice only: fewer host TLB misses where the host has transparent huge pages.
    NativeCalls.call(MADVISE, at, bytes, MADV_HUGEPAGE);
    return MemorySegment.ofAddress(at).reinterpret(bytes);
  }

  /**
   * Gives memory from {@link #map} or {@link #mapCode} back.
   *
   * @param memory the whole mapping; not to be touched afterwards
   */
  public static void unmap(MemorySegment memory) {
    if ((int) NativeCalls.call(MUNMAP, memory.address(), memory.byteSize()) != 0) {
      throw new IllegalStateException("munmap refused " + memory);
    }
  }

  /** Maps a page holding {@code code}, readable and executable, not writable. */
  static MemorySegment mapCode(byte[] code) {
    MemorySegment page = map(4096);
    MemorySegment.copy(code, 0, page, JAVA_BYTE, 0, code.length);
    if ((int) NativeCalls.call(MPROTECT, page.address(), 4096, PROT_READ | PROT_EXEC) != 0) {
      unmap(page);
      throw new UnicornException("the host refuses an executable page");
    }
    return page;
  }

  /** Changes a quadword of a mapping that is read-only by now, such as a table of imports. */
  static void patchLong(long address, long value) {
    unprotect(address, 8);
    putLong(address, value);
    protect(address, 8);
  }

  private static void unprotect(long address, int length) {
    protection(address, length, PROT_READ | PROT_WRITE);
  }

  private static void protect(long address, int length) {
    protection(address, length, PROT_READ);
  }

  private static void protection(long address, int length, int bits) {
    long page = address & ~4095L;
    long bytes = address + length - page;
    if ((int) NativeCalls.call(MPROTECT, page, bytes, bits) != 0) {
      throw new UnicornException("the host refuses to change the protection of a page");
    }
  }

  /** The address of the first {@code needle} in {@code [from, from + length)}, or 0. */
  static long find(long from, long length, MemorySegment needle) {
    return NativeCalls.call(MEMMEM, from, length, needle.address(), needle.byteSize());
  }

  /** Whether two ranges hold the same bytes. */
  static boolean equal(long first, long second, long length) {
    return MemorySegment.mismatch(ALL, first, first + length, ALL, second, second + length) < 0;
  }

  public static byte getByte(long address) {
    return ALL.get(JAVA_BYTE, address);
  }

  public static short getShort(long address) {
    return ALL.get(JAVA_SHORT_UNALIGNED, address);
  }

  public static int getInt(long address) {
    return ALL.get(JAVA_INT_UNALIGNED, address);
  }

  public static long getLong(long address) {
    return ALL.get(JAVA_LONG_UNALIGNED, address);
  }

  public static void putByte(long address, byte value) {
    ALL.set(JAVA_BYTE, address, value);
  }

  public static void putShort(long address, short value) {
    ALL.set(JAVA_SHORT_UNALIGNED, address, value);
  }

  public static void putInt(long address, int value) {
    ALL.set(JAVA_INT_UNALIGNED, address, value);
  }

  public static void putLong(long address, long value) {
    ALL.set(JAVA_LONG_UNALIGNED, address, value);
  }

  static RuntimeException rethrow(Throwable t) {
    switch (t) {
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new IllegalStateException(t);
    }
  }
}
