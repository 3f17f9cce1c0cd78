package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.HostCode.bytes;

import java.nio.ByteBuffer;

/**
 * Host machine code before the engine's RDMSR, which has no APIC to ask for IA32_APIC_BASE (1BH)
 * and says 0: no bootstrap processor, APIC off. Linux from 6.9 on takes that for a crash kernel.
 */
final class ApicBase {
  private static final byte NUMBER = 0x1b;

  /** SDM volume 3, 10.4.4: the usual place, enabled, bootstrap processor. */
  private static final int VALUE = 0xfee0_0900;

  private static final int RCX = 8;
  private static final int RDX = 16;

  private ApicBase() {}

  /** In place of {@code helper_rdmsr(state)}; {@code target} is told of all other numbers. */
  static byte[] read(long target, int registers) {
    ByteBuffer code = HostCode.buffer(64);
    code.put(bytes(0x83, 0xbf)).putInt(registers + RCX).put(NUMBER); // cmp dword [rdi + rcx], 1bh
    code.put(bytes(0x74, 0x0c)); // je base
    HostCode.jump(code, target);
    code.put((byte) 0xb8).putInt(VALUE); // base: mov eax, value
    code.put(bytes(0x48, 0x89, 0x87)).putInt(registers); // mov [rdi + rax], rax
    code.put(bytes(0x48, 0xc7, 0x87)).putInt(registers + RDX).putInt(0); // mov qword [rdi + rdx], 0
    return code.put((byte) 0xc3).array();
  }
}
