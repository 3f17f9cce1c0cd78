package dev.monoceros.unicorn;

/** Register numbers of {@code uc_x86_reg} that this binding uses. */
public final class X86Register {
  public static final int RAX = 35;
  public static final int RBP = 36;
  public static final int RBX = 37;
  public static final int RCX = 38;
  public static final int RDI = 39;
  public static final int RDX = 40;
  public static final int RIP = 41;
  public static final int RSI = 43;
  public static final int RSP = 44;

  /** R8; R9 to R15 follow. */
  public static final int R8 = 106;

  public static final int EFLAGS = 25;
  public static final int CS = 11;
  public static final int DS = 17;
  public static final int ES = 28;
  public static final int FS = 32;
  public static final int GS = 33;
  public static final int SS = 49;
  public static final int CR0 = 50;
  public static final int CR3 = 53;
  public static final int CR4 = 54;
  public static final int DR0 = 66;
  public static final int DR6 = 72;
  public static final int DR7 = 73;

  /** XMM0; XMM1 to XMM15 follow. */
  public static final int XMM0 = 122;

  static final int IDTR = 242;
  static final int GDTR = 243;
  static final int LDTR = 244;
  static final int TR = 245;
  static final int MSR = 248;
  public static final int MXCSR = 249;

  /** The general registers in the order of their hardware numbers: RAX, RCX, RDX, RBX, RSP, ... */
  static final int[] GENERAL = {
    RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R8 + 1, R8 + 2, R8 + 3, R8 + 4, R8 + 5, R8 + 6,
    R8 + 7
  };

  private X86Register() {}
}
