package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * The part of {@link StateProbe} that needs a running guest: where the engine keeps the error code
 * of an exception, whether it was an INT instruction, the vector in flight, and the address of a
 * refused translation.
 */
final class ExceptionProbe {
  /** What was found; see {@link StateLayout}. */
  record Offsets(int errorCode, int software, int inFlight, int faultAddress) {}

  /** Where programs may have their stack. */
  static final long STACK = 0x8000;

  private static final long CODE = 0x10000;
  private static final long HALT = 0x18000;
  private static final long UNTIL = 0x1f000;
  private static final long REFUSED = 0x5_4321_0000L;
  private static final int VECTOR_DE = 0;
  private static final int VECTOR_GP = 13;
  private static final int GENERAL_BYTES = 16 * 8;

  private final StateProbe probe;
  private final Engine engine;
  private final MemorySegment ram;
  private byte[] atException;
  private int vector;

  ExceptionProbe(StateProbe probe, MemorySegment ram) {
    this.probe = probe;
    this.engine = probe.engine();
    this.ram = ram;
  }

  Offsets run() {
    engine.mapRam(0, ram);
    ram.set(JAVA_BYTE, HALT, (byte) 0xf4); // hlt
    engine.onTlbFill(
        (page, access) ->
            page >= ram.byteSize() ? Hooks.FAULT : page | Hooks.READ | Hooks.WRITE | Hooks.EXEC);
    engine.onInterrupt(this::raised);
    byte[] quiet = probe.snapshot();

    // mov ax, selector; mov ds, ax: beyond the empty GDT, so #GP(selector)
    byte[] first = exception(0x66, 0xb8, 0x30, 0x12, 0x8e, 0xd8);
    demandVector("#GP", VECTOR_GP);
    // xor ecx, ecx; div ecx: #DE
    int[] candidates = inFlightCandidates(quiet, first, VECTOR_GP);
    for (int offset : candidates) {
      probe.putInt(offset, -1);
    }
    byte[] cleared = probe.snapshot();
    byte[] divide = exception(0x31, 0xc9, 0xf7, 0xf1);
    demandVector("#DE", VECTOR_DE);
    int inFlight =
        probe.unique(
            "the exception in flight",
            cleared,
            divide,
            i -> contains(candidates, i) && StateProbe.getInt(divide, i) == VECTOR_DE);

    probe.putInt(inFlight, -1);
    byte[] second = exception(0x66, 0xb8, 0x60, 0x45, 0x8e, 0xd8);
    int errorCode =
        probe.unique(
            "the error code",
            first,
            second,
            i ->
                i >= GENERAL_BYTES
                    && StateProbe.getInt(first, i) == 0x1230
                    && StateProbe.getInt(second, i) == 0x4560);

    probe.putInt(inFlight, -1);
    byte[] software = exception(0xcd, 0x42); // int 0x42
    demandVector("INT n", 0x42);
    // A bool beside the error code: 1 for INT n, 0 for a fault.
    int isInt =
        probe.unique(
            "the software-interrupt flag",
            second,
            software,
            i ->
                i > errorCode
                    && i <= errorCode + 16
                    && StateProbe.getInt(software, i) == 1
                    && StateProbe.getInt(second, i) == 0);
    probe.putInt(inFlight, -1);
    return new Offsets(errorCode, isInt, inFlight, faultAddress());
  }

  private int faultAddress() {
    long first = REFUSED + 0x678;
    long second = REFUSED + 0x29f0;
    load(first);
    long[] afterFirst = handleWords();
    load(second);
    return probe.uniqueInHandle(
        "the refused address", i -> afterFirst[i / 8] == first && probe.handleLong(i) == second);
  }

  private long[] handleWords() {
    long[] words = new long[512];
    for (int i = 0; i < words.length; i++) {
      words[i] = probe.handleLong(8 * i);
    }
    return words;
  }

  /** mov rax, [rbx] at an address whose translation is refused. */
  private void load(long address) {
    engine.register(X86Register.RBX, address);
    int error = execute(0x48, 0x8b, 0x03);
    probe.demand("the refused address", error != Engine.OK);
  }

  private byte[] exception(int... code) {
    atException = null;
    execute(code);
    probe.demand("exceptions", atException != null);
    return atException;
  }

  /** Runs a program of a few instructions. */
  int execute(int... code) {
    long at = CODE;
    for (int value : code) {
      ram.set(JAVA_BYTE, at++, (byte) value);
    }
    ram.set(JAVA_BYTE, at, (byte) 0xf4); // hlt
    engine.dropCode(CODE, CODE + 64);
    return engine.run(CODE, UNTIL);
  }

  private void raised(int raised) {
    if (atException == null) {
      atException = probe.snapshot();
      vector = raised;
    }
    // Go on at the HLT that ends the program.
    engine.register(X86Register.RIP, HALT);
  }

  private void demandVector(String what, int expected) {
    probe.demand(what, vector == expected);
  }

  private static int[] inFlightCandidates(byte[] quiet, byte[] after, int vector) {
    return java.util.stream.IntStream.iterate(0, i -> i <= quiet.length - 8, i -> i + 4)
        .filter(i -> StateProbe.getInt(quiet, i) == -1 && StateProbe.getInt(after, i) == vector)
        .toArray();
  }

  private static boolean contains(int[] values, int wanted) {
    for (int value : values) {
      if (value == wanted) {
        return true;
      }
    }
    return false;
  }
}
