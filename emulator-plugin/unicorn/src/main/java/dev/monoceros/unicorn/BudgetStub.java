package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.HostCode.bytes;

import java.util.Locale;

/**
 * The machine code behind {@link BlockBudget}. It is called as a {@code uc_cb_hookcode_t}: (engine,
 * address, size, user data), where the user data points at the cell: counter, upcall address, stop
 * flag, address of the engine's exit check, address of RFLAGS, engine.
 *
 * <p>When the block goes on it also clears RFLAGS.RF, which holds for one instruction (SDM volume
 * 3, 17.3.1.1) and which the engine keeps from block to block. The block itself was translated for
 * the flag set, without breakpoints; a fault in it is delivered with the flag set anyway.
 *
 * <p>The x86-64 code also stops the engine when the upcall has set the stop flag: it jumps to the
 * exit check as if the translated code had called it, with the return address still that of the
 * translated code (see {@link LibraryTuning}).
 */
final class BudgetStub {
  private static final int[] X86_64 = {
    0x89, 0xd2, // mov edx, edx        the size is 32 bits: clear the upper half
    0x48, 0x29, 0x11, // sub [rcx], rdx
    0x78, 0x10, // js overdrawn
    0x48, 0x8b, 0x41, 0x20, // mov rax, [rcx + 32]
    0xf6, 0x40, 0x02, 0x01, // test byte [rax + 2], 1    RF
    0x75, 0x01, // jnz resumed
    0xc3, // ret
    0x80, 0x60, 0x02, 0xfe, // resumed: and byte [rax + 2], ~1
    0xc3, // ret
    0x48, 0x83, 0xec, 0x18, // overdrawn: sub rsp, 24
    0x48, 0x89, 0x3c, 0x24, // mov [rsp], rdi
    0x48, 0x89, 0x4c, 0x24, 0x08, // mov [rsp + 8], rcx
    0xff, 0x51, 0x08, // call [rcx + 8]
    0x48, 0x8b, 0x3c, 0x24, // mov rdi, [rsp]
    0x48, 0x8b, 0x4c, 0x24, 0x08, // mov rcx, [rsp + 8]
    0x48, 0x83, 0xc4, 0x18, // add rsp, 24
    0x83, 0x79, 0x10, 0x00, // cmp dword [rcx + 16], 0
    0x74, 0x05, // je done
    0x31, 0xf6, // xor esi, esi        no delay slot
    0xff, 0x61, 0x18, // jmp [rcx + 24]
    0xc3, // done: ret
  };

  private static final int[] AARCH64 = {
    0xe2, 0x03, 0x02, 0x2a, // mov w2, w2
    0x64, 0x00, 0x40, 0xf9, // ldr x4, [x3]
    0x84, 0x00, 0x02, 0xeb, // subs x4, x4, x2
    0x64, 0x00, 0x00, 0xf9, // str x4, [x3]
    0xe4, 0x00, 0x00, 0x54, // b.mi overdrawn
    0x65, 0x10, 0x40, 0xf9, // ldr x5, [x3, #32]
    0xa6, 0x00, 0x40, 0xb9, // ldr w6, [x5]
    0x66, 0x00, 0x80, 0x36, // tbz w6, #16, done        RF
    0xc6, 0x78, 0x0f, 0x12, // and w6, w6, #0xfffeffff
    0xa6, 0x00, 0x00, 0xb9, // str w6, [x5]
    0xc0, 0x03, 0x5f, 0xd6, // done: ret
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

  static boolean hostIsX86() {
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return arch.equals("amd64") || arch.equals("x86_64");
  }
}
