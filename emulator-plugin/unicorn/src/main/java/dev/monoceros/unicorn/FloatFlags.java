package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.HostCode.bytes;

import java.nio.ByteBuffer;

/**
 * Host machine code that lets the guest see floating-point exceptions. The engine's arithmetic
 * notes them beside the registers and never in the x87's status word or in MXCSR, so that FNSTSW
 * and STMXCSR say that nothing happened.
 *
 * <p>The x87's move into the status word before any helper that reads or replaces it (SDM volume 1,
 * 8.1.3.3). MXCSR is read without a helper, so for SSE the bits are set where they are raised
 * (10.2.3.2).
 */
final class FloatFlags {
  /** All but "denormal operand", which the engine notes only for operands flushed to zero. */
  private static final byte RAISED = 0x3d;

  /** Precision, as a bit of MXCSR and of the status word. */
  static final int INEXACT = 0x20;

  /** Overflow, underflow and precision. */
  static final int ROUNDING = 0x38;

  /** All six. */
  static final int ALL = 0x3f;

  private static final int MAX_CODE = 96;

  private final FloatLayout at;

  FloatFlags(FloatLayout at) {
    this.at = at;
  }

  /** In place of the engine's {@code float_raise(flags, status)}. */
  byte[] raise() {
    return code()
        .put(bytes(0x40, 0x08, 0x7e, FloatLayout.RAISED)) // or [rsi + 2], dil
        .put(bytes(0x80, 0x7e, FloatLayout.PRECISION, 0)) // cmp byte [rsi + 3], 0
        .put(bytes(0x75, 0x09)) // jne done                     the x87's
        .put(bytes(0x83, 0xe7, RAISED)) // and edi, 0x3d
        .put(bytes(0x09, 0xbe)) // or [rsi + mxcsr], edi
        .putInt(at.mxcsr() - at.sseStatus())
        .put(bytes(0xc3)) // done: ret
        .array();
  }

  /**
   * Around a function that notes some exceptions without {@code float_raise}; its status is the
   * second or the third argument.
   */
  byte[] around(long target, boolean third) {
    ByteBuffer code = code().put(bytes(third ? 0x52 : 0x56)); // push rdx or rsi
    return HostCode.call(code, target)
        .put(bytes(0x59)) // pop rcx
        .put(bytes(0x80, 0x79, FloatLayout.PRECISION, 0)) // cmp byte [rcx + 3], 0
        .put(bytes(0x75, 0x0d)) // jne done                     the x87's
        .put(bytes(0x0f, 0xb6, 0x51, FloatLayout.RAISED)) // movzx edx, byte [rcx + 2]
        .put(bytes(0x83, 0xe2, RAISED)) // and edx, 0x3d
        .put(bytes(0x09, 0x91)) // or [rcx + mxcsr], edx
        .putInt(at.mxcsr() - at.sseStatus())
        .put(bytes(0xc3)) // done: ret
        .array();
  }

  /**
   * Around a helper of SSE whose arithmetic raises what the instruction does not (volume 2).
   *
   * @param dropped exceptions of that kind, as bits of MXCSR
   */
  byte[] quietSse(long target, int dropped) {
    return keepSse(code(), target, dropped).array();
  }

  /** Around a ROUND helper: bit 3 of the mode in ECX suppresses "inexact" (volume 2, ROUNDSD). */
  byte[] quietRound(long target) {
    ByteBuffer code = code().put(bytes(0xf6, 0xc1, 0x08)); // test cl, 8
    code.put(bytes(0x75, 0x0c)); // jnz keep
    return keepSse(HostCode.jump(code, target), target, INEXACT).array(); // keep:
  }

  private ByteBuffer keepSse(ByteBuffer code, long target, int dropped) {
    int raised = at.sseStatus() + FloatLayout.RAISED;
    code.put(bytes(0x57)); // push rdi
    code.put(bytes(0xff, 0xb7)).putInt(at.mxcsr()); // push [rdi + mxcsr]
    code.put(bytes(0xff, 0xb7)).putInt(raised); // push [rdi + raised]
    HostCode.call(code, target);
    code.put(bytes(0x58, 0x59, 0x5f)); // pop rax; pop rcx; pop rdi
    putBack(code, raised, dropped);
    code.put(bytes(0x83, 0xa7)).putInt(at.mxcsr()).put((byte) ~dropped); // and [rdi + mxcsr], ~
    code.put(bytes(0x83, 0xe1, dropped)); // and ecx, dropped
    return code.put(bytes(0x09, 0x8f)).putInt(at.mxcsr()).put((byte) 0xc3); // or [..], ecx; ret
  }

  /** The same for a helper of the x87. */
  byte[] quietX87(long target, int dropped) {
    int raised = at.x87Status() + FloatLayout.RAISED;
    ByteBuffer code = code();
    code.put(bytes(0x57)); // push rdi
    code.put(bytes(0xff, 0xb7)).putInt(raised); // push [rdi + raised]
    code.put(bytes(0x50)); // push rax, for the alignment
    HostCode.call(code, target);
    code.put(bytes(0x58, 0x58, 0x5f)); // pop rax; pop rax; pop rdi
    putBack(code, raised, dropped);
    return code.put((byte) 0xc3).array();
  }

  /** Exceptions of one kind as they were before, in AL. */
  private static void putBack(ByteBuffer code, int raised, int dropped) {
    code.put(bytes(0x80, 0xa7)).putInt(raised).put((byte) ~dropped); // and [rdi + raised], ~dropped
    code.put(bytes(0x24, dropped)); // and al, dropped
    code.put(bytes(0x08, 0x87)).putInt(raised); // or [rdi + raised], al
  }

  /** Before a helper of the x87; {@code target} goes on. */
  byte[] x87(long target) {
    return before(code(), target);
  }

  /** Before FXRSTOR, which replaces MXCSR, too. */
  byte[] both(long target) {
    return before(forgetSse(code()), target);
  }

  /** Before LDMXCSR. */
  byte[] sse(long target) {
    return HostCode.jump(forgetSse(code()), target).array();
  }

  /** The engine rounds on the host and looks for no exception it has already noted. */
  private ByteBuffer forgetSse(ByteBuffer code) {
    return code.put(bytes(0xc6, 0x87)) // mov byte [rdi + raised], 0
        .putInt(at.sseStatus() + FloatLayout.RAISED)
        .put((byte) 0);
  }

  private byte[] before(ByteBuffer code, long target) {
    int raised = at.x87Status() + FloatLayout.RAISED;
    code.put(bytes(0x0f, 0xb6, 0x87)).putInt(raised); // movzx eax, byte [rdi + raised]
    code.put(bytes(0x83, 0xe0, RAISED)); // and eax, 0x3d
    code.put(bytes(0x74, 0x2c)); // jz go
    code.put(bytes(0xc6, 0x87)).putInt(raised).put((byte) 0); // mov byte [rdi + raised], 0
    code.put(bytes(0x66, 0x09, 0x87)).putInt(at.x87Word()); // or [rdi + status], ax
    code.put(bytes(0x0f, 0xb7, 0x8f)); // movzx ecx, word [rdi + control]
    code.putInt(at.x87Word() + FloatLayout.CONTROL_WORD);
    code.put(bytes(0xf7, 0xd1)); // not ecx
    code.put(bytes(0x83, 0xe1, 0x3f)); // and ecx, 0x3f            the exceptions not masked
    code.put(bytes(0x66, 0x85, 0x8f)).putInt(at.x87Word()); // test [rdi + status], cx
    code.put(bytes(0x74, 0x09)); // jz go
    code.put(bytes(0x66, 0x81, 0x8f)).putInt(at.x87Word()); // or word [rdi + status], ES and B
    code.put(bytes(0x80, 0x80));
    return HostCode.jump(code, target).array(); // go:
  }

  private static ByteBuffer code() {
    return HostCode.buffer(MAX_CODE);
  }
}
