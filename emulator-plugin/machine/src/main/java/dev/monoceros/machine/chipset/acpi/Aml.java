package dev.monoceros.machine.chipset.acpi;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * ACPI machine language (ACPI 6.3, section 20.2), as much of it as describing devices takes. Every
 * method returns encoded bytes.
 */
final class Aml {
  private static final int NAME_OP = 0x08;
  private static final int SCOPE_OP = 0x10;
  private static final int BUFFER_OP = 0x11;
  private static final int PACKAGE_OP = 0x12;
  private static final int EXT_OP = 0x5b;
  private static final int DEVICE_OP = 0x82;
  private static final int BYTE_PREFIX = 0x0a;
  private static final int WORD_PREFIX = 0x0b;
  private static final int DWORD_PREFIX = 0x0c;
  private static final int STRING_PREFIX = 0x0d;
  private static final int QWORD_PREFIX = 0x0e;
  private static final int MAX_PACKAGE_ELEMENTS = 255;

  private static final int ONE_BYTE_PACKAGE = 0x3f;
  private static final int NAME_SEGMENT = 4;

  private Aml() {}

  static byte[] scope(String path, byte[]... terms) {
    return block(new Bytes().u8(SCOPE_OP), new Bytes().put(nameString(path)).put(concat(terms)));
  }

  static byte[] device(String name, byte[]... terms) {
    return block(
        new Bytes().u8(EXT_OP).u8(DEVICE_OP), new Bytes().put(nameString(name)).put(concat(terms)));
  }

  static byte[] name(String name, byte[] value) {
    return new Bytes().u8(NAME_OP).put(nameString(name)).put(value).toByteArray();
  }

  static byte[] integer(long value) {
    if (value == 0 || value == 1) {
      return new byte[] {(byte) value};
    }
    if (value >>> 8 == 0) {
      return new Bytes().u8(BYTE_PREFIX).u8((int) value).toByteArray();
    }
    if (value >>> 16 == 0) {
      return new Bytes().u8(WORD_PREFIX).u16((int) value).toByteArray();
    }
    return value >>> 32 == 0
        ? new Bytes().u8(DWORD_PREFIX).u32(value).toByteArray()
        : new Bytes().u8(QWORD_PREFIX).u64(value).toByteArray();
  }

  static byte[] string(String text) {
    return new Bytes().u8(STRING_PREFIX).text(text, text.length()).u8(0).toByteArray();
  }

  static byte[] buffer(byte[] content) {
    return block(new Bytes().u8(BUFFER_OP), new Bytes().put(integer(content.length)).put(content));
  }

  static byte[] packageOf(List<byte[]> elements) {
    if (elements.size() > MAX_PACKAGE_ELEMENTS) {
      throw new IllegalArgumentException("a package of " + elements.size() + " elements");
    }
    return block(
        new Bytes().u8(PACKAGE_OP),
        new Bytes().u8(elements.size()).put(concat(elements.toArray(byte[][]::new))));
  }

  static byte[] packageOf(byte[]... elements) {
    return packageOf(List.of(elements));
  }

  /**
   * A compressed EISA ID such as PNP0A03 (ACPI 6.3, section 19.3.4): three letters of five bits,
   * four hexadecimal digits, big endian.
   */
  static byte[] eisaId(String id) {
    int vendor = (id.charAt(0) - '@') << 10 | (id.charAt(1) - '@') << 5 | (id.charAt(2) - '@');
    int product = Integer.parseInt(id.substring(3), 16);
    return integer(Integer.toUnsignedLong(Integer.reverseBytes(vendor << 16 | product)));
  }

  /** A single name segment, with a leading backslash if it starts at the root. */
  private static byte[] nameString(String name) {
    boolean rooted = name.startsWith("\\");
    String segment = rooted ? name.substring(1) : name;
    if (segment.isEmpty() || segment.length() > NAME_SEGMENT) {
      throw new IllegalArgumentException("not a single name: " + name);
    }
    String padded = segment + "_".repeat(NAME_SEGMENT - segment.length());
    return ((rooted ? "\\" : "") + padded).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] block(Bytes opcode, Bytes content) {
    return opcode.put(packageLength(content.size())).put(content.toByteArray()).toByteArray();
  }

  /**
   * PkgLength counts itself: one byte up to 63, else a lead byte with the low four bits and the
   * number of bytes that follow (section 20.2.4).
   */
  private static byte[] packageLength(int contentLength) {
    if (contentLength + 1 <= ONE_BYTE_PACKAGE) {
      return new byte[] {(byte) (contentLength + 1)};
    }
    for (int following = 1; following <= 3; following++) {
      int total = contentLength + 1 + following;
      if (total >>> (4 + 8 * following) == 0) {
        Bytes bytes = new Bytes().u8(following << 6 | (total & 0xf));
        for (int i = 0; i < following; i++) {
          bytes.u8(total >>> (4 + 8 * i) & 0xff);
        }
        return bytes.toByteArray();
      }
    }
    throw new IllegalArgumentException("an AML package of " + contentLength + " bytes");
  }

  static byte[] concat(byte[]... parts) {
    Bytes all = new Bytes();
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.toByteArray();
  }
}
