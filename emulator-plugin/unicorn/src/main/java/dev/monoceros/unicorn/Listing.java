package dev.monoceros.unicorn;

import java.util.HexFormat;

/**
 * Machine code of x86-64 hosts as a listing: one instruction a line, its bytes in hexadecimal, then
 * a semicolon and what it says. Names in braces among the bytes stand for values to be set.
 */
final class Listing {
  private String hex;

  Listing(String text) {
    StringBuilder code = new StringBuilder();
    text.lines().forEach(line -> code.append(line.substring(0, line.indexOf(';')).strip()));
    this.hex = code.toString();
  }

  /** Sets 32 bits, wherever the name stands. */
  Listing set(String name, int value) {
    return put(name, HexFormat.of().toHexDigits(Integer.reverseBytes(value)));
  }

  /** Sets 64 bits, wherever the name stands. */
  Listing set(String name, long value) {
    return put(name, HexFormat.of().toHexDigits(Long.reverseBytes(value)));
  }

  /** Sets some bytes, wherever the name stands. */
  Listing set(String name, byte[] value) {
    return put(name, HexFormat.of().formatHex(value));
  }

  private Listing put(String name, String digits) {
    hex = hex.replace("{" + name + "}", digits);
    return this;
  }

  /**
   * The code.
   *
   * @throws IllegalArgumentException if a name was not set
   */
  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }
}
