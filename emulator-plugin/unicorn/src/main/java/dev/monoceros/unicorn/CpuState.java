package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.TreeSet;

/**
 * The registers of one {@link Engine}, read and written in place. The public API can neither set
 * the CPL nor the hidden part of segment registers, and its write to CR2 destroys CR3; so this
 * reaches into the engine's own structure, at offsets found by probing.
 *
 * <p>Valid on the engine's thread, between runs and inside interrupt and instruction hooks; inside
 * block and TLB hooks RIP is that of an earlier instruction.
 */
public final class CpuState {
  /** Numbers of the segment registers, in the order of the hardware encoding. */
  public static final int ES = 0;

  public static final int CS = 1;
  public static final int SS = 2;
  public static final int DS = 3;
  public static final int FS = 4;
  public static final int GS = 5;
  public static final int LDTR = 6;
  public static final int TR = 7;
  public static final int GDTR = 8;
  public static final int IDTR = 9;

  /** Numbers of the general registers. */
  public static final int RAX = 0;

  public static final int RCX = 1;
  public static final int RDX = 2;
  public static final int RBX = 3;
  public static final int RSP = 4;
  public static final int RBP = 5;
  public static final int RSI = 6;
  public static final int RDI = 7;
  public static final int R11 = 11;

  /** Bits of {@link #hidden}: the current privilege level. */
  public static final int HIDDEN_CPL = 3;

  /** The instruction after STI or MOV SS, in whose shadow no interrupt is taken. */
  public static final int HIDDEN_INHIBIT_IRQ = 1 << 3;

  public static final int HIDDEN_CS32 = 1 << 4;
  public static final int HIDDEN_SS32 = 1 << 5;
  public static final int HIDDEN_ADDSEG = 1 << 6;
  public static final int HIDDEN_CS64 = 1 << 15;

  /** The second word of hidden flags follows the first; IRET clears this bit of it. */
  private static final int HIDDEN2 = Integer.BYTES;

  private static final int HIDDEN2_NMI_BLOCKED = 1 << 2;

  private static final long FLAG_TF = 1 << 8;

  private static final int SCAN_HANDLE = 8192;
  private static final int SCAN_STATE = 256 * 1024;

  private final long base;
  private final StateLayout at;
  private final long faultAddress;

  private CpuState(long base, StateLayout at, long handle) {
    this.base = base;
    this.at = at;
    this.faultAddress = handle + at.faultAddress();
  }

  /** Finds an engine's state structure and puts the layout over it. */
  static CpuState locate(Engine engine, StateLayout layout) {
    long general = findState(engine, mapsWith(engine));
    return new CpuState(general - layout.general(), layout, engine.handle());
  }

  /** This process's memory once an engine has made its CPU, which it does when first asked. */
  static HostMaps mapsWith(Engine engine) {
    engine.register(X86Register.RIP);
    return HostMaps.read();
  }

  /**
   * The address of the sixteen general registers: known values are written through the API and
   * looked for behind every pointer that the engine handle holds; then other values are written,
   * and exactly one of the places must follow.
   */
  static long findState(Engine engine, HostMaps maps) {
    long[] saved = new long[16];
    for (int i = 0; i < 16; i++) {
      saved[i] = engine.register(X86Register.GENERAL[i]);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pattern = arena.allocate(16 * 8L, 8);
      writePattern(engine, pattern, 0x5a17_c0de_0000_0000L);
      TreeSet<Long> found = candidates(maps, engine.handle(), pattern);
      writePattern(engine, pattern, 0x3b96_d00d_0000_0000L);
      found.removeIf(
          at -> at == pattern.address() || !HostMemory.equal(at, pattern.address(), 16 * 8));
      if (found.size() != 1) {
        throw new UnicornException(
            engine.library().file()
                + ": the CPU state was found at "
                + found.size()
                + " places, one was expected; this build of libunicorn cannot be used");
      }
      return found.first();
    } finally {
      for (int i = 0; i < 16; i++) {
        engine.register(X86Register.GENERAL[i], saved[i]);
      }
    }
  }

  private static void writePattern(Engine engine, MemorySegment pattern, long seed) {
    for (int i = 0; i < 16; i++) {
      long value = seed + 0x0101_0101L * (i + 1);
      engine.register(X86Register.GENERAL[i], value);
      pattern.setAtIndex(JAVA_LONG, i, value);
    }
  }

  private static TreeSet<Long> candidates(HostMaps maps, long handle, MemorySegment pattern) {
    long handleEnd = Math.min(handle + SCAN_HANDLE, maps.writableEnd(handle));
    TreeSet<Long> pointers = new TreeSet<>();
    for (long word = handle; word + 8 <= handleEnd; word += 8) {
      long pointer = HostMemory.getLong(word);
      if ((pointer & 7) == 0) {
        pointers.add(pointer);
      }
    }
    TreeSet<Long> found = new TreeSet<>();
    for (long pointer : pointers) {
      long end = Math.min(maps.writableEnd(pointer), pointer + SCAN_STATE);
      long from = pointer;
      while (from < end) {
        long hit = HostMemory.find(from, end - from, pattern);
        if (hit == 0) {
          break;
        }
        found.add(hit);
        from = hit + 8;
      }
    }
    return found;
  }

  /** Where the structure begins. */
  long address() {
    return base;
  }

  /** A general register by its hardware number. */
  public long general(int number) {
    return HostMemory.getLong(base + at.general() + 8L * number);
  }

  /** Writes a general register by its hardware number. */
  public void general(int number, long value) {
    HostMemory.putLong(base + at.general() + 8L * number, value);
  }

  public long rip() {
    return HostMemory.getLong(base + at.rip());
  }

  public void rip(long value) {
    HostMemory.putLong(base + at.rip(), value);
  }

  /** RFLAGS without the arithmetic flags and DF: those are only in {@link Engine#register}. */
  public long systemFlags() {
    return HostMemory.getLong(base + at.rflags());
  }

  /** Writes the system flags; arithmetic flags and DF stay as they are. */
  public void systemFlags(long value) {
    HostMemory.putLong(base + at.rflags(), value);
  }

  long flagsAddress() {
    return base + at.rflags();
  }

  /** The hidden flags: {@code HIDDEN_*}. */
  public int hidden() {
    return HostMemory.getInt(base + at.hidden());
  }

  public void hidden(int value) {
    HostMemory.putInt(base + at.hidden(), value);
  }

  /** Whether a non-maskable interrupt has been taken and no IRET has followed. */
  public boolean nonMaskableBlocked() {
    return (HostMemory.getInt(base + at.hidden() + HIDDEN2) & HIDDEN2_NMI_BLOCKED) != 0;
  }

  /** Blocks non-maskable interrupts up to the next IRET. */
  public void blockNonMaskable() {
    long second = base + at.hidden() + HIDDEN2;
    HostMemory.putInt(second, HostMemory.getInt(second) | HIDDEN2_NMI_BLOCKED);
  }

  /** The current privilege level, 0 to 3. */
  public int cpl() {
    return hidden() & HIDDEN_CPL;
  }

  private long segment(int number) {
    return base + at.segments() + (long) StateLayout.SEGMENT_STRIDE * number;
  }

  public int selector(int segment) {
    return HostMemory.getInt(segment(segment)) & 0xffff;
  }

  public long segmentBase(int segment) {
    return HostMemory.getLong(segment(segment) + StateLayout.SEGMENT_BASE);
  }

  /** The limit in bytes, expanded. */
  public long segmentLimit(int segment) {
    return Integer.toUnsignedLong(HostMemory.getInt(segment(segment) + StateLayout.SEGMENT_LIMIT));
  }

  /** The second word of the descriptor: attributes where the descriptor has them. */
  public int segmentFlags(int segment) {
    return HostMemory.getInt(segment(segment) + StateLayout.SEGMENT_FLAGS);
  }

  /** Loads a segment register with its hidden part; {@link #hidden} is the caller's to adjust. */
  public void segment(int number, int selector, long base, int limit, int flags) {
    long where = segment(number);
    HostMemory.putInt(where, selector);
    HostMemory.putLong(where + StateLayout.SEGMENT_BASE, base);
    HostMemory.putInt(where + StateLayout.SEGMENT_LIMIT, limit);
    HostMemory.putInt(where + StateLayout.SEGMENT_FLAGS, flags);
  }

  /** A control register, 0 to 4. */
  public long control(int number) {
    return HostMemory.getLong(base + at.controls() + 8L * number);
  }

  /** Writes CR2 or CR3; the others have side effects and go through {@link Engine#register}. */
  public void control(int number, long value) {
    HostMemory.putLong(base + at.controls() + 8L * number, value);
  }

  public long star() {
    return HostMemory.getLong(base + at.star());
  }

  public long lstar() {
    return HostMemory.getLong(base + at.lstar());
  }

  public long cstar() {
    return HostMemory.getLong(base + at.cstar());
  }

  public long fmask() {
    return HostMemory.getLong(base + at.fmask());
  }

  public long efer() {
    return HostMemory.getLong(base + at.efer());
  }

  /** The error code of the exception that an interrupt hook was just called for. */
  public int errorCode() {
    return HostMemory.getInt(base + at.errorCode());
  }

  /** Whether that exception came from an INT n instruction. */
  public boolean softwareInterrupt() {
    return HostMemory.getInt(base + at.software()) != 0;
  }

  /** Tells the engine that no exception is being delivered; it never clears this itself. */
  public void clearInFlight() {
    HostMemory.putInt(base + at.inFlight(), -1);
  }

  /** Whether the instruction is stepped because an access of it meets a data breakpoint. */
  public boolean dataStep() {
    return (HostMemory.getInt(base + at.debug() + DataBreakpoints.STEPPING) & 1) != 0;
  }

  /**
   * Ends what {@link #dataStep} tells of: TF is the guest's again.
   *
   * @return the breakpoints met, bits 0 to 3 as in DR6
   */
  public int endDataStep() {
    long guest = HostMemory.getInt(base + at.debug() + DataBreakpoints.STEPPING) & FLAG_TF;
    systemFlags(systemFlags() & ~FLAG_TF | guest);
    HostMemory.putLong(base + at.debug() + DataBreakpoints.STEPPING, 0);
    return HostMemory.getInt(base + at.debug() + DataBreakpoints.MET);
  }

  /** DR6. */
  public long debugStatus() {
    return HostMemory.getLong(base + at.debug() + DataBreakpoints.DR6);
  }

  public void debugStatus(long value) {
    HostMemory.putLong(base + at.debug() + DataBreakpoints.DR6, value);
  }

  /** The exact address of the access whose translation was refused. */
  public long faultAddress() {
    return HostMemory.getLong(faultAddress);
  }
}
