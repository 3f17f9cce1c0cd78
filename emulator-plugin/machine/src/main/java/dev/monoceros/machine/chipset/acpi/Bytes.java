package dev.monoceros.machine.chipset.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Appends little-endian fields. */
final class Bytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Bytes u8(int value) {
    out.write(value);
    return this;
  }

  Bytes u16(int value) {
    return u8(value & 0xff).u8(value >>> 8 & 0xff);
  }

  Bytes u32(long value) {
    return u16((int) value & 0xffff).u16((int) (value >>> 16) & 0xffff);
  }

  Bytes u64(long value) {
    return u32(value & 0xffff_ffffL).u32(value >>> 32);
  }

  /** Text of exactly {@code length} bytes, padded with spaces. */
  Bytes text(String text, int length) {
    byte[] padded =
        text.concat(" ".repeat(length)).substring(0, length).getBytes(StandardCharsets.US_ASCII);
    return put(padded);
  }

  Bytes put(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  Bytes zeroes(int count) {
    return put(new byte[count]);
  }

  int size() {
    return out.size();
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }

  /** What must be added so that all bytes of {@code bytes} sum to zero modulo 256. */
  static byte checksum(byte[] bytes, int from, int length) {
    int sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += bytes[i];
    }
    return (byte) -sum;
  }
}
