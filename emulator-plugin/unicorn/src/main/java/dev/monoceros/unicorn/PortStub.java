package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.HostCode.bytes;

import java.nio.ByteBuffer;

/**
 * Host machine code around a hook of IN or OUT, which may refuse the access: once Java has returned
 * it raises #GP(0) at the instruction. Only native code can do that, for the engine leaves the
 * guest's instruction by a long jump. Nothing behind the instruction has been carried out then.
 */
final class PortStub {
  private static final byte GENERAL_PROTECTION = 13;
  private static final int SIZE = 72;

  private PortStub() {}

  /**
   * The code for x86-64 hosts (System V calling convention); arguments and result pass through.
   *
   * @param upcall the hook in Java
   * @param refused address of a byte that the hook sets in order to refuse
   * @param state the CPU's state
   * @param raise the engine's {@code raise_exception_err(state, vector, error code)}
   */
  static byte[] x86(long upcall, long refused, long state, long raise) {
    ByteBuffer code = HostCode.buffer(SIZE).put(bytes(0x48, 0x83, 0xec, 0x08)); // sub rsp, 8
    HostCode.call(code, upcall)
        .put(bytes(0x48, 0xb9)) // mov rcx, refused
        .putLong(refused)
        .put(bytes(0x80, 0x39, 0x00)) // cmp byte [rcx], 0
        .put(bytes(0x75, 0x05)) // jne fault
        .put(bytes(0x48, 0x83, 0xc4, 0x08)) // add rsp, 8
        .put(bytes(0xc3)) // ret
        .put(bytes(0xc6, 0x01, 0x00)) // fault: mov byte [rcx], 0
        .put(bytes(0x48, 0xbf)) // mov rdi, state
        .putLong(state)
        .put(bytes(0xbe, GENERAL_PROTECTION, 0, 0, 0)) // mov esi, 13
        .put(bytes(0x31, 0xd2)); // xor edx, edx
    return HostCode.call(code, raise) // does not return
        .put(bytes(0x0f, 0x0b)) // ud2
        .array();
  }
}
