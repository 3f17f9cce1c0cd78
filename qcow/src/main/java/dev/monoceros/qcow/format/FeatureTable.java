package dev.monoceros.qcow.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The extension "Feature name table" as QEMU writes it. */
final class FeatureTable {
  /** Bytes of a row: type, bit number, 46 bytes of name. */
  private static final int ROW = 48;

  private static final int TEXT = 2;

  private FeatureTable() {}

  static byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(Features.NAMES.size() * ROW);
    for (int i = 0; i < Features.NAMES.size(); i++) {
      Features.Name name = Features.NAMES.get(i);
      out.put(i * ROW, (byte) name.type().code());
      out.put(i * ROW + 1, (byte) name.bit());
      out.put(i * ROW + TEXT, name.text().getBytes(StandardCharsets.US_ASCII));
    }
    return out.array();
  }
}
