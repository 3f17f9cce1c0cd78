package dev.monoceros.cli.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Bytes of a disk; both partition tables and ext4 are little-endian. */
final class LittleEndianBytes {
  private final ByteBuffer bytes;

  LittleEndianBytes(byte[] array) {
    bytes = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
  }

  int size() {
    return bytes.limit();
  }

  int u8(int at) {
    return bytes.get(at) & 0xff;
  }

  int u16(int at) {
    return bytes.getShort(at) & 0xffff;
  }

  long u32(int at) {
    return bytes.getInt(at) & 0xffff_ffffL;
  }

  /** Values from 2^63 on come out negative; callers refuse those. */
  long s64(int at) {
    return bytes.getLong(at);
  }

  /** A number kept in two halves. */
  long split(int low, int high) {
    return u32(high) << 32 | u32(low);
  }

  String latin1(int at, int length) {
    return new String(bytes.array(), at, length, StandardCharsets.ISO_8859_1);
  }

  String utf8(int at, int length) {
    return new String(bytes.array(), at, length, StandardCharsets.UTF_8);
  }

  byte[] array() {
    return bytes.array();
  }
}
