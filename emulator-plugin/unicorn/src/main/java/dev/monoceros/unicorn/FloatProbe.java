package dev.monoceros.unicorn;

/** The part of {@link StateProbe} that looks for {@link FloatLayout}, by running programs. */
final class FloatProbe {
  private static final int MXCSR_RESET = 0x1f80;
  private static final int MXCSR_ROUND_UP = 0x5f80;
  private static final int CONTROL_RESET = 0x037f;
  private static final int CONTROL_OTHER = 0x0f7e;
  private static final int PRECISE_80 = 80 << 24;
  private static final int RAISED_INEXACT = 1 << 21;

  private final StateProbe probe;
  private final ExceptionProbe programs;

  FloatProbe(StateProbe probe, ExceptionProbe programs) {
    this.probe = probe;
    this.programs = programs;
  }

  FloatLayout run() {
    byte[] reset = after(0xdb, 0xe3); // fninit
    // push 0xf7e; fldcw [rsp]; pop rax
    byte[] control = after(0x68, 0x7e, 0x0f, 0, 0, 0xd9, 0x2c, 0x24, 0x58);
    int word =
        probe.unique(
            "the x87 status word",
            reset,
            control,
            i ->
                StateProbe.getInt(reset, i) == CONTROL_RESET << 16
                    && StateProbe.getInt(control, i) == CONTROL_OTHER << 16);
    byte[] exact = after(0xdb, 0xe3);
    // fninit; fld1; fldpi; fdivp; fstp st(0)
    byte[] inexact = after(0xdb, 0xe3, 0xd9, 0xe8, 0xd9, 0xeb, 0xde, 0xf9, 0xdd, 0xd8);
    int x87 =
        probe.unique(
            "the x87's exceptions",
            exact,
            inexact,
            i ->
                StateProbe.getInt(exact, i) == PRECISE_80
                    && StateProbe.getInt(inexact, i) == (PRECISE_80 | RAISED_INEXACT));
    return new FloatLayout(word, x87, sseStatus(), mxcsr());
  }

  private int sseStatus() {
    // mov eax, 3; cvtsi2ss xmm1, eax; mov eax, 1; cvtsi2ss xmm0, eax
    byte[] exact =
        after(0xb8, 3, 0, 0, 0, 0xf3, 0x0f, 0x2a, 0xc8, 0xb8, 1, 0, 0, 0, 0xf3, 0x0f, 0x2a, 0xc0);
    byte[] inexact = after(0xf3, 0x0f, 0x5e, 0xc1); // divss xmm0, xmm1
    return probe.unique(
        "the exceptions of SSE",
        exact,
        inexact,
        i -> StateProbe.getInt(exact, i) == 0 && StateProbe.getInt(inexact, i) == RAISED_INEXACT);
  }

  private int mxcsr() {
    byte[] reset = loaded(MXCSR_RESET);
    byte[] up = loaded(MXCSR_ROUND_UP);
    loaded(MXCSR_RESET);
    return probe.unique(
        "MXCSR",
        reset,
        up,
        i ->
            StateProbe.getInt(reset, i) == MXCSR_RESET
                && StateProbe.getInt(up, i) == MXCSR_ROUND_UP);
  }

  /** push value; ldmxcsr [rsp]; pop rax; xor eax, eax. */
  private byte[] loaded(int value) {
    return after(0x68, value & 0xff, value >> 8, 0, 0, 0x0f, 0xae, 0x14, 0x24, 0x58, 0x31, 0xc0);
  }

  private byte[] after(int... code) {
    probe.engine().register(X86Register.RSP, ExceptionProbe.STACK);
    probe.demand("floating point", programs.execute(code) == Engine.OK);
    return probe.snapshot();
  }
}
