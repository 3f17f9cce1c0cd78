package dev.monoceros.unicorn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Machine code of x86-64 hosts, put together. */
final class HostCode {
  private HostCode() {}

  /** A little-endian buffer. */
  static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Bytes out of their values, of which the low eight bits count. */
  static byte[] bytes(int... values) {
    byte[] result = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = (byte) values[i];
    }
    return result;
  }

  /** {@code mov rax, target; call rax}. */
  static ByteBuffer call(ByteBuffer code, long target) {
    return code.put(bytes(0x48, 0xb8)).putLong(target).put(bytes(0xff, 0xd0));
  }

  /** {@code mov rax, target; jmp rax}: 12 bytes. */
  static ByteBuffer jump(ByteBuffer code, long target) {
    return code.put(bytes(0x48, 0xb8)).putLong(target).put(bytes(0xff, 0xe0));
  }
}
