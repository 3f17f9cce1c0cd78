package dev.monoceros.cli.io;

/**
 * The text of {@code -o} and {@code --image-opts}. No key may be left out, unlike in {@code
 * qemu-img}: a word without a value is a switch, which QEMU warns of.
 */
final class OptionTexts {
  private OptionTexts() {}

  /** The same text with a value for its first word, of which the library would think otherwise. */
  static String explicit(String text, Output out) {
    int end = 0;
    while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
      end++;
    }
    if (end == 0 || end < text.length() && text.charAt(end) == '=') {
      return text;
    }
    if (text.startsWith(",,", end)) {
      return text;
    }
    String word = text.substring(0, end);
    boolean off = word.startsWith("no") && word.length() > 2;
    String option = off ? word.substring(2) + "=off" : word + "=on";
    out.error(
        "warning: short-form boolean option '"
            + word
            + "' deprecated\nPlease use "
            + option
            + " instead");
    return option + text.substring(end);
  }
}
