package dev.monoceros.unicorn;

/**
 * Where one build of libunicorn keeps its CPU state: byte offsets from the start of the state
 * structure ({@code CPUX86State}), except {@code faultAddress}, which counts from the engine
 * handle. Found by {@link StateProbe}, never assumed.
 *
 * @param general sixteen 64-bit general registers in hardware order
 * @param rip instruction pointer
 * @param rflags RFLAGS without the arithmetic flags and DF, which are kept lazily
 * @param hidden hidden flags: CPL and the mode bits of the translator
 * @param segments ES, CS, SS, DS, FS, GS, LDTR, TR, GDTR, IDTR
 * @param controls CR0 to CR4, 64 bits each
 * @param star MSR STAR
 * @param lstar MSR LSTAR
 * @param cstar MSR CSTAR
 * @param fmask MSR FMASK
 * @param efer MSR EFER
 * @param errorCode error code of the last exception
 * @param software whether the last exception came from an INT instruction
 * @param inFlight vector of the exception the engine believes to be delivering, -1 for none
 * @param faultAddress the exact address of the last refused translation
 * @param debug DR0 to DR7, 64 bits each
 * @param cpu the engine's {@code CPUState}, before this structure; 0 where it was not found
 * @param floats the floating-point state
 */
record StateLayout(
    int general,
    int rip,
    int rflags,
    int hidden,
    int segments,
    int controls,
    int star,
    int lstar,
    int cstar,
    int fmask,
    int efer,
    int errorCode,
    int software,
    int inFlight,
    int faultAddress,
    int debug,
    int cpu,
    FloatLayout floats) {

  /** Bytes between two segment registers: selector, padding, base, limit, attributes. */
  static final int SEGMENT_STRIDE = 24;

  static final int SEGMENT_BASE = 8;
  static final int SEGMENT_LIMIT = 16;
  static final int SEGMENT_FLAGS = 20;
}
