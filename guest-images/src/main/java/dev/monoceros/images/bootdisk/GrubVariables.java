package dev.monoceros.images.bootdisk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** GRUB's variables, and what becomes of a word with quotes and variables in it. */
final class GrubVariables {
  private static final Pattern NAME =
      Pattern.compile("\\$(?:\\{([^}]*)\\}|([A-Za-z_][A-Za-z0-9_]*|[0-9@*#?]))");

  /** No command line is longer; what grows beyond this is cut off. */
  private static final int MAX_WORD = 16 << 10;

  private static final int MAX_WORDS = 4096;

  private final Map<String, String> values = new TreeMap<>();

  String get(String name) {
    // GRUB sets feature_* for what it can do, and the menus were written for one that can.
    return values.getOrDefault(name, name.startsWith("feature_") ? "y" : "");
  }

  void set(String name, String value) {
    values.put(name, value);
  }

  void remove(String name) {
    values.remove(name);
  }

  /** All of the words of a command; an unquoted variable may become several or none. */
  List<String> expand(List<String> raw) {
    List<String> words = new ArrayList<>();
    raw.forEach(word -> expand(word, words));
    return words;
  }

  /** One word as one text. */
  String text(String raw) {
    List<String> words = new ArrayList<>();
    expand(raw, words);
    return String.join(" ", words);
  }

  /** Variables in a text without quotes. */
  String substitute(String text) {
    Matcher matcher = NAME.matcher(text);
    return matcher.replaceAll(
        found -> Matcher.quoteReplacement(get(name(found.group(1), found.group(2)))));
  }

  private static String name(String braced, String plain) {
    return braced == null ? plain : braced;
  }

  private void expand(String raw, List<String> words) {
    if (words.size() > MAX_WORDS) {
      return;
    }
    StringBuilder word = new StringBuilder();
    boolean any = false; // quotes make a word even of nothing
    int at = 0;
    while (at < raw.length()) {
      char c = raw.charAt(at);
      if (c == '\'') {
        int end = raw.indexOf('\'', at + 1);
        word.append(raw, at + 1, end);
        any = true;
        at = end + 1;
      } else if (c == '"') {
        at = quoted(raw, at + 1, word);
        any = true;
      } else if (c == '\\' && at + 1 < raw.length()) {
        word.append(raw.charAt(at + 1) == '\n' ? "" : raw.substring(at + 1, at + 2));
        at += 2;
      } else if (c == '$') {
        Matcher matcher = NAME.matcher(raw).region(at, raw.length());
        if (matcher.lookingAt()) {
          split(get(name(matcher.group(1), matcher.group(2))), word, words);
          at = matcher.end();
        } else {
          word.append(c);
          at++;
        }
      } else {
        word.append(c);
        at++;
      }
    }
    if (any || !word.isEmpty()) {
      words.add(word.toString());
    }
  }

  /** Between double quotes a backslash keeps its meaning before these only. */
  private int quoted(String raw, int from, StringBuilder word) {
    int at = from;
    while (raw.charAt(at) != '"') {
      char c = raw.charAt(at);
      Matcher matcher = NAME.matcher(raw).region(at, raw.length());
      if (c == '\\' && "$\"\\".indexOf(raw.charAt(at + 1)) >= 0) {
        word.append(raw.charAt(at + 1));
        at += 2;
      } else if (c == '$' && matcher.lookingAt()) {
        String value = get(name(matcher.group(1), matcher.group(2)));
        word.append(value, 0, Math.min(value.length(), room(word)));
        at = matcher.end();
      } else {
        word.append(c);
        at++;
      }
    }
    return at + 1;
  }

  private static void split(String value, StringBuilder word, List<String> words) {
    for (char c : value.toCharArray()) {
      if (c == ' ' || c == '\t' || c == '\n') {
        if (!word.isEmpty()) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else if (room(word) > 0) {
        word.append(c);
      }
    }
  }

  private static int room(StringBuilder word) {
    return Math.max(0, MAX_WORD - word.length());
  }
}
