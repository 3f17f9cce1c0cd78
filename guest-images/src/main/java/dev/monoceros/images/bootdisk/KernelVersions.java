package dev.monoceros.images.bootdisk;

import java.util.Comparator;

/**
 * The order of versions: runs of digits as numbers, other runs with letters before everything else
 * and {@code ~} before the end, as in deb-version(7) for one part of a version. Marks of what comes
 * before a release or is kept beside it ({@code -rc}, {@code .old}) count as if they began with
 * {@code ~}, as for grub-mkconfig.
 */
final class KernelVersions implements Comparator<String> {
  static final Comparator<String> ORDER = new KernelVersions();

  private KernelVersions() {}

  @Override
  public int compare(String one, String other) {
    return part(
        one.replaceAll("[._-](pre|rc|test|git|old|trunk)", "~$1"),
        other.replaceAll("[._-](pre|rc|test|git|old|trunk)", "~$1"));
  }

  /** One part of a version: no epoch, no revision. */
  static int part(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() || j < b.length()) {
      while (isText(a, i) || isText(b, j)) {
        int difference = weight(a, i) - weight(b, j);
        if (difference != 0) {
          return difference;
        }
        i++;
        j++;
      }
      int iEnd = endOfDigits(a, i);
      int jEnd = endOfDigits(b, j);
      int difference = number(a.substring(i, iEnd), b.substring(j, jEnd));
      if (difference != 0) {
        return difference;
      }
      i = iEnd;
      j = jEnd;
    }
    return 0;
  }

  private static int number(String a, String b) {
    String x = a.replaceFirst("^0+", "");
    String y = b.replaceFirst("^0+", "");
    return x.length() == y.length() ? x.compareTo(y) : x.length() - y.length();
  }

  private static int endOfDigits(String text, int from) {
    int end = from;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isText(String text, int at) {
    return at < text.length() && !isDigit(text.charAt(at));
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The end counts as a digit does: less than any text but the tilde. */
  private static int weight(String text, int at) {
    if (!isText(text, at)) {
      return 0;
    }
    char c = text.charAt(at);
    if (c == '~') {
      return -1;
    }
    boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    return letter ? c : c + 256;
  }
}
