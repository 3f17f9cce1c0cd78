package dev.monoceros.images.apt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One binary-package source of the machine's apt, from either file format of sources.list(5).
 *
 * @param uris archive roots, in file order
 * @param suites suite names
 * @param components components; empty for a flat repository
 * @param signedBy the Signed-By value as written: a path, fingerprints, or a key block
 */
record SourceEntry(
    List<String> uris, List<String> suites, List<String> components, Optional<String> signedBy) {
  /** Reads one-line entries: {@code deb [option=value ...] uri suite component...}. */
  static List<SourceEntry> parseOneLine(String text) {
    List<SourceEntry> entries = new ArrayList<>();
    for (String raw : text.lines().toList()) {
      int comment = raw.indexOf('#');
      String line = (comment < 0 ? raw : raw.substring(0, comment)).strip();
      if (!line.startsWith("deb ") && !line.startsWith("deb\t")) {
        continue;
      }
      String rest = line.substring("deb".length()).strip();
      Map<String, String> options = Map.of();
      if (rest.startsWith("[")) {
        int end = rest.indexOf(']');
        if (end < 0) {
          continue;
        }
        options = options(rest.substring(1, end));
        rest = rest.substring(end + 1).strip();
      }
      List<String> words = words(rest);
      if (words.size() >= 2) {
        entries.add(
            new SourceEntry(
                List.of(words.get(0)),
                List.of(words.get(1)),
                words.subList(2, words.size()),
                Optional.ofNullable(options.get("signed-by"))));
      }
    }
    return entries;
  }

  /** Reads deb822 stanzas; disabled ones and source-only ones are left out. */
  static List<SourceEntry> parseDeb822(String text) {
    List<SourceEntry> entries = new ArrayList<>();
    for (Map<String, String> stanza : Deb822.parse(text)) {
      boolean enabled =
          !stanza
              .getOrDefault("enabled", "yes")
              .toLowerCase(Locale.ROOT)
              .matches("no|false|0|off|without|disable");
      if (enabled && words(stanza.getOrDefault("types", "")).contains("deb")) {
        entries.add(
            new SourceEntry(
                words(stanza.getOrDefault("uris", "")),
                words(stanza.getOrDefault("suites", "")),
                words(stanza.getOrDefault("components", "")),
                Optional.ofNullable(stanza.get("signed-by"))));
      }
    }
    return entries;
  }

  private static Map<String, String> options(String text) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : words(text)) {
      int equals = option.indexOf('=');
      if (equals > 0) {
        options.put(
            option.substring(0, equals).toLowerCase(Locale.ROOT), option.substring(equals + 1));
      }
    }
    return options;
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
  }
}
