package dev.monoceros.unicorn;

/**
 * The machine code behind {@link BlockBudget}. It is called as a {@code uc_cb_hookcode_t}: (engine,
 * address, size, user data), where the user data points at {counter, upcall address}.
 */
final class BudgetStub {
  private static final int[] X86_64 = {
    0x89, 0xd2, // mov edx, edx        the size is 32 bits: clear the upper half
    0x48, 0x29, 0x11, // sub [rcx], rdx
    0x78, 0x01, // js overdrawn
    0xc3, // ret
    0xff, 0x61, 0x08, // overdrawn: jmp [rcx + 8]
  };

  private static final int[] AARCH64 = {
    0xe2, 0x03, 0x02, 0x2a, // mov w2, w2
    0x64, 0x00, 0x40, 0xf9, // ldr x4, [x3]
    0x84, 0x00, 0x02, 0xeb, // subs x4, x4, x2
    0x64, 0x00, 0x00, 0xf9, // str x4, [x3]
    0x44, 0x00, 0x00, 0x54, // b.mi overdrawn
    0xc0, 0x03, 0x5f, 0xd6, // ret
    0x70, 0x04, 0x40, 0xf9, // overdrawn: ldr x16, [x3, #8]
    0x00, 0x02, 0x1f, 0xd6, // br x16
  };

  private BudgetStub() {}

  /** The code for a value of {@code os.arch}, or null where there is none. */
  static byte[] forHost(String arch) {
    return switch (arch) {
      case "amd64", "x86_64" -> bytes(X86_64);
      case "aarch64" -> bytes(AARCH64);
      default -> null;
    };
  }

  private static byte[] bytes(int[] code) {
    byte[] result = new byte[code.length];
    for (int i = 0; i < code.length; i++) {
      result[i] = (byte) code[i];
    }
    return result;
  }
}
