package dev.monoceros.cli.io;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The dump of {@code -v}: sixteen bytes a line, letters and digits beside them. */
final class HexDump {
  private static final int WIDTH = 16;
  private static final int OFFSET_DIGITS = 8;
  private static final HexFormat HEX = HexFormat.of();

  private HexDump() {}

  /**
   * @param offset that the first byte is shown at
   * @param bytes from its position to its limit, which stay as they are
   */
  static void print(Output out, long offset, ByteBuffer bytes) {
    StringBuilder line = new StringBuilder();
    for (int at = bytes.position(); at < bytes.limit(); at += WIDTH) {
      line.setLength(0);
      appendOffset(line, offset + at - bytes.position());
      int end = Math.min(at + WIDTH, bytes.limit());
      for (int i = at; i < end; i++) {
        HEX.toHexDigits(line, bytes.get(i)).append(' ');
      }
      line.append(' ');
      for (int i = at; i < end; i++) {
        line.append(shown(bytes.get(i)));
      }
      out.print(line.append('\n').toString());
    }
  }

  private static void appendOffset(StringBuilder line, long offset) {
    String digits = Long.toHexString(offset);
    line.repeat('0', Math.max(0, OFFSET_DIGITS - digits.length())).append(digits).append(":  ");
  }

  /** isalnum(3) in the C locale. */
  private static char shown(byte value) {
    char c = (char) (value & 0xFF);
    boolean alphanumeric = c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z';
    return alphanumeric ? c : '.';
  }
}
