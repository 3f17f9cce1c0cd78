package dev.monoceros.unicorn;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * Finds the {@link StateLayout} of a libunicorn: distinct values go in through the API or by
 * running programs of a few instructions, and are looked for in the engine's memory. Every search
 * must end with exactly one place, checked with a second value.
 */
final class StateProbe {
  /** The part of the structure that is searched; it is known to be larger. */
  private static final int WINDOW = 8192;

  private static final int HANDLE_WINDOW = 4096;
  private static final int EFLAGS_AC_ID = 0x240000;
  private static final int CR0_EM = 1 << 2;
  private static final int CR0_TS = 1 << 3;
  private static final int HIDDEN_EM = 1 << 10;
  private static final int HIDDEN_TS = 1 << 11;
  private static final int MSR_STAR = 0xc0000081;
  private static final int MSR_LSTAR = 0xc0000082;
  private static final int MSR_CSTAR = 0xc0000083;
  private static final int MSR_FMASK = 0xc0000084;
  private static final int MSR_EFER = 0xc0000080;
  private static final int EFER_SCE = 1;
  private static final int EFER_LONG_MODE = 0x500; // LME and LMA

  private final UnicornLibrary library;
  private final Engine engine;
  private final long general;

  private StateProbe(UnicornLibrary library, Engine engine) {
    this.library = library;
    this.engine = engine;
    this.general = CpuState.findState(engine);
  }

  static StateLayout probe(UnicornLibrary library) {
    MemorySegment ram = HostMemory.map(0x20000);
    try (Engine engine = Engine.openUnprobed(library)) {
      return new StateProbe(library, engine).run(ram);
    } finally {
      HostMemory.unmap(ram);
    }
  }

  private StateLayout run(MemorySegment ram) {
    int rip = longRegister("RIP", X86Register.RIP);
    int rflags = toggled("RFLAGS", X86Register.EFLAGS, EFLAGS_AC_ID, EFLAGS_AC_ID);
    int cr0 = toggled("CR0", X86Register.CR0, CR0_TS, CR0_TS);
    int hidden = toggled("hidden flags", X86Register.CR0, CR0_TS, HIDDEN_TS);
    demand("hidden flags", hidden == toggled("hidden flags", X86Register.CR0, CR0_EM, HIDDEN_EM));
    int segments = segments();
    demand("CR3", longRegister("CR3", X86Register.CR3) == cr0 + 3 * 8);
    int star = msr("STAR", MSR_STAR);
    int lstar = msr("LSTAR", MSR_LSTAR);
    int cstar = msr("CSTAR", MSR_CSTAR);
    int fmask = msr("FMASK", MSR_FMASK);
    int efer = efer();
    ExceptionProbe programs = new ExceptionProbe(this, ram);
    ExceptionProbe.Offsets exceptions = programs.run();
    FloatLayout floats = new FloatProbe(this, programs).run();
    return new StateLayout(
        0,
        rip,
        rflags,
        hidden,
        segments,
        cr0,
        star,
        lstar,
        cstar,
        fmask,
        efer,
        exceptions.errorCode(),
        exceptions.software(),
        exceptions.inFlight(),
        exceptions.faultAddress(),
        floats);
  }

  Engine engine() {
    return engine;
  }

  UnicornLibrary library() {
    return library;
  }

  private int longRegister(String what, int register) {
    long saved = engine.register(register);
    long first = 0x0000_0000_3c5a_7000L;
    long second = 0x0000_0000_2ba5_1000L;
    engine.register(register, first);
    byte[] before = snapshot();
    engine.register(register, second);
    byte[] after = snapshot();
    engine.register(register, saved);
    return unique(
        what, before, after, i -> getLong(before, i) == first && getLong(after, i) == second);
  }

  /** The 32-bit word in which exactly {@code seen} flips when {@code bits} of a register flip. */
  private int toggled(String what, int register, int bits, int seen) {
    long saved = engine.register(register);
    engine.register(register, saved & ~(long) bits);
    byte[] before = snapshot();
    engine.register(register, saved | bits);
    byte[] after = snapshot();
    engine.register(register, saved);
    return unique(
        what,
        before,
        after,
        i -> (getInt(before, i) & seen) == 0 && (getInt(before, i) ^ getInt(after, i)) == seen);
  }

  private int msr(String what, int number) {
    int first = 0x5aa5_3cc0;
    int second = 0x1bb1_4dd0;
    engine.msr(number, Integer.toUnsignedLong(first));
    byte[] before = snapshot();
    engine.msr(number, Integer.toUnsignedLong(second));
    byte[] after = snapshot();
    engine.msr(number, 0);
    return unique(
        what, before, after, i -> getLong(before, i) == first && getLong(after, i) == second);
  }

  private int efer() {
    engine.msr(MSR_EFER, EFER_LONG_MODE | EFER_SCE);
    byte[] with = snapshot();
    engine.msr(MSR_EFER, EFER_LONG_MODE);
    byte[] without = snapshot();
    return unique(
        "EFER",
        with,
        without,
        i ->
            (getLong(with, i) ^ getLong(without, i)) == EFER_SCE
                && (getLong(without, i) & EFER_LONG_MODE) == EFER_LONG_MODE);
  }

  /** CS and SS stand beside each other; the others fault when loaded without descriptors. */
  private int segments() {
    long cs = engine.register(X86Register.CS);
    long ss = engine.register(X86Register.SS);
    byte[] before = snapshot();
    engine.register(X86Register.CS, 0x7a18);
    engine.register(X86Register.SS, 0x6b20);
    long gdt = 0x0012_3456_7000L;
    engine.tableRegister(X86Register.GDTR, 0, gdt, 0x6bcd, 0);
    byte[] state = snapshot();
    engine.register(X86Register.CS, cs);
    engine.register(X86Register.SS, ss);
    engine.tableRegister(X86Register.GDTR, 0, 0, 0, 0);
    int stride = StateLayout.SEGMENT_STRIDE;
    int codeSegment =
        unique(
            "segment registers",
            before,
            state,
            i ->
                i + stride + 4 <= WINDOW
                    && getInt(state, i) == 0x7a18
                    && getInt(state, i + stride) == 0x6b20);
    int found = codeSegment - stride * CpuState.CS;
    int gdtr = found + stride * CpuState.GDTR;
    demand("GDTR", getLong(state, gdtr + StateLayout.SEGMENT_BASE) == gdt);
    demand("GDTR", getInt(state, gdtr + StateLayout.SEGMENT_LIMIT) == 0x6bcd);
    return found;
  }

  byte[] snapshot() {
    byte[] copy = new byte[WINDOW];
    MemorySegment.copy(
        MemorySegment.ofAddress(general).reinterpret(WINDOW),
        java.lang.foreign.ValueLayout.JAVA_BYTE,
        0,
        copy,
        0,
        WINDOW);
    return copy;
  }

  void putInt(int offset, int value) {
    HostMemory.putInt(general + offset, value);
  }

  long handleLong(int offset) {
    return HostMemory.getLong(engine.handle() + offset);
  }

  /**
   * The one place that fits, among those where two snapshots differ: at it, or in the four bytes
   * behind it.
   */
  int unique(String what, byte[] before, byte[] after, IntPredicate matches) {
    int found = -1;
    int count = 0;
    int from = 0;
    while (from < WINDOW) {
      int mismatch = Arrays.mismatch(before, from, WINDOW, after, from, WINDOW);
      if (mismatch < 0) {
        break;
      }
      int word = from + mismatch & -4;
      // The word before may have been looked at in the last round.
      for (int at = Math.max(from - 4, word - 4); at <= word; at += 4) {
        if (at >= 0 && at <= WINDOW - 8 && at != found && matches.test(at)) {
          found = at;
          count++;
        }
      }
      from = word + 4;
    }
    return only(what, found, count);
  }

  int uniqueInHandle(String what, IntPredicate matches) {
    int found = -1;
    int count = 0;
    for (int offset = 0; offset <= HANDLE_WINDOW - 8; offset += 8) {
      if (matches.test(offset)) {
        found = offset;
        count++;
      }
    }
    return only(what, found, count);
  }

  private int only(String what, int found, int count) {
    if (count != 1) {
      throw new UnicornException(
          library.file()
              + " (libunicorn "
              + library.versionText()
              + "): the probe for "
              + what
              + " found "
              + count
              + " places, one was expected; this build cannot be used");
    }
    return found;
  }

  void demand(String what, boolean holds) {
    if (!holds) {
      throw new UnicornException(
          library.file()
              + " (libunicorn "
              + library.versionText()
              + "): the second probe for "
              + what
              + " disagrees with the first; this build cannot be used");
    }
  }

  static int getInt(byte[] state, int offset) {
    return (state[offset] & 0xff)
        | (state[offset + 1] & 0xff) << 8
        | (state[offset + 2] & 0xff) << 16
        | state[offset + 3] << 24;
  }

  static long getLong(byte[] state, int offset) {
    return Integer.toUnsignedLong(getInt(state, offset)) | (long) getInt(state, offset + 4) << 32;
  }
}
