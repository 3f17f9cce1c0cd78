package dev.monoceros.images.apt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The stanza format of Debian control files (deb822(5)): fields, continuation lines, comments,
 * blank-line separators.
 */
public final class Deb822 {
  private Deb822() {}

  /**
   * Splits a text into stanzas. Field names come out in lower case; continuation lines are joined
   * by line feeds.
   */
  public static List<Map<String, String>> parse(String text) {
    List<Map<String, String>> stanzas = new ArrayList<>();
    Map<String, String> stanza = new LinkedHashMap<>();
    String field = null;
    for (String line : text.lines().toList()) {
      if (line.startsWith("#")) {
        continue;
      }
      if (line.isBlank()) {
        if (!stanza.isEmpty()) {
          stanzas.add(stanza);
          stanza = new LinkedHashMap<>();
        }
        field = null;
      } else if (Character.isWhitespace(line.charAt(0))) {
        if (field != null) {
          stanza.merge(field, line.stripTrailing(), (before, more) -> before + "\n" + more);
        }
      } else {
        int colon = line.indexOf(':');
        if (colon > 0) {
          field = line.substring(0, colon).strip().toLowerCase(Locale.ROOT);
          stanza.put(field, line.substring(colon + 1).strip());
        }
      }
    }
    if (!stanza.isEmpty()) {
      stanzas.add(stanza);
    }
    return stanzas;
  }
}
