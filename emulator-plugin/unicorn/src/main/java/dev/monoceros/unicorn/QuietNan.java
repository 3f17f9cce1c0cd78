package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.HostCode.bytes;

import java.nio.ByteBuffer;

/**
 * Host machine code that makes conversions between the x87's format and the shorter ones silence a
 * signalling NaN (SDM volume 1, 4.8.3.4 and table 4-7): the engine's keep it, so that FLD of one
 * left one in a register, and the next comparison was invalid, too.
 */
final class QuietNan {
  private static final int MAX_CODE = 64;

  private QuietNan() {}

  /** Around a conversion to the x87's format, which comes back in RAX and DX. */
  static byte[] extended(long target) {
    return call(target)
        .put(bytes(0x89, 0xd1)) // mov ecx, edx
        .put(bytes(0xf7, 0xd1)) // not ecx
        .put(bytes(0xf7, 0xc1)) // test ecx, 0x7fff            exponent all ones?
        .putInt(0x7fff)
        .put(bytes(0x75, 0x0b)) // jnz done
        .put(bytes(0x48, 0x8d, 0x0c, 0x00)) // lea rcx, [rax + rax]  without the integer bit
        .put(bytes(0xe3, 0x05)) // jrcxz done                  infinity
        .put(bytes(0x48, 0x0f, 0xba, 0xe8, 62)) // bts rax, 62
        .put(bytes(0xc3)) // done: ret
        .array();
  }

  /** Around a conversion to single precision, which comes back in EAX. */
  static byte[] single(long target) {
    return call(target)
        .put(bytes(0x8d, 0x0c, 0x00)) // lea ecx, [rax + rax]  without the sign
        .put(bytes(0x81, 0xf9)) // cmp ecx, 0xff000000
        .putInt(0xff00_0000)
        .put(bytes(0x76, 0x04)) // jbe done                    a number or infinity
        .put(bytes(0x0f, 0xba, 0xe8, 22)) // bts eax, 22
        .put(bytes(0xc3)) // done: ret
        .array();
  }

  /** Around a conversion to double precision, which comes back in RAX. */
  static byte[] wide(long target) {
    return call(target)
        .put(bytes(0x48, 0x8d, 0x0c, 0x00)) // lea rcx, [rax + rax]
        .put(bytes(0x48, 0xba)) // mov rdx, 0xffe0000000000000
        .putLong(0xffe0_0000_0000_0000L)
        .put(bytes(0x48, 0x39, 0xd1)) // cmp rcx, rdx
        .put(bytes(0x76, 0x05)) // jbe done
        .put(bytes(0x48, 0x0f, 0xba, 0xe8, 51)) // bts rax, 51
        .put(bytes(0xc3)) // done: ret
        .array();
  }

  private static ByteBuffer call(long target) {
    ByteBuffer code = HostCode.buffer(MAX_CODE).put(bytes(0x48, 0x83, 0xec, 0x08)); // sub rsp, 8
    return HostCode.call(code, target).put(bytes(0x48, 0x83, 0xc4, 0x08)); // add rsp, 8
  }
}
