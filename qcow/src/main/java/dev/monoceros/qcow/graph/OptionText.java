package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads the text of {@code --image-opts}: {@code key=value} with commas between, a comma in a value
 * doubled, the first key {@code file} if there is none.
 */
final class OptionText {
  private static final String IMPLIED = "file";

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][-._A-Za-z0-9]*");

  private final String text;
  private final Consumer<String> warnings;
  private int at;

  private OptionText(String text, Consumer<String> warnings) {
    this.text = text;
    this.warnings = warnings;
  }

  /**
   * @param warnings told what QEMU warns of, without "warning: "
   * @throws ImageFault BAD_OPTION if an id is no identifier
   */
  static OptionMap parse(String text, Consumer<String> warnings) throws ImageFault {
    return new OptionText(text, warnings).parse();
  }

  /**
   * Reads the text of {@code --object}, whose keys are not looked at.
   *
   * @param implied name of the first key if there is none
   */
  static OptionMap parseWithFirst(String implied, String text) throws ImageFault {
    OptionText reader = new OptionText(text, warning -> {});
    OptionMap map = new OptionMap();
    while (reader.at < text.length()) {
      int end = reader.endOfName();
      boolean named = end < text.length() && text.charAt(end) == '=';
      if (!named && reader.at > 0) {
        throw GraphFault.bad(
            "Expected '=' after parameter '" + text.substring(reader.at, end) + "'");
      }
      String name = named ? text.substring(reader.at, end) : implied;
      reader.at = named ? end + 1 : reader.at;
      map.put(name, reader.value());
      reader.at++;
    }
    return map;
  }

  private OptionMap parse() throws ImageFault {
    OptionMap map = new OptionMap();
    String id = null;
    boolean first = true;
    while (at < text.length()) {
      int end = endOfName();
      String name;
      String value;
      if (end < text.length() && text.charAt(end) == '=') {
        name = text.substring(at, end);
        at = end + 1;
        value = value();
      } else if (first) {
        name = IMPLIED;
        value = value();
      } else {
        String flag = text.substring(at, end);
        at = end;
        boolean off = flag.startsWith("no");
        name = off ? flag.substring(2) : flag;
        value = off ? "off" : "on";
        warnings.accept(
            "short-form boolean option '%s' deprecated\nPlease use %s instead"
                .formatted(flag, longForm(name, off)));
      }
      first = false;
      at++;
      if (!name.equals("id")) {
        map.put(name, value);
      } else if (id == null) {
        id = value;
      }
    }
    if (id != null) {
      requireIdentifier(id);
      map.put("id", id);
    }
    return map;
  }

  private static String longForm(String name, boolean off) {
    // The one option that QEMU turned round.
    if (name.equals("delay")) {
      return "nodelay=" + (off ? "on" : "off");
    }
    return name + "=" + (off ? "off" : "on");
  }

  private static void requireIdentifier(String id) throws ImageFault {
    if (!IDENTIFIER.matcher(id).matches()) {
      throw notAnIdentifier();
    }
  }

  /** QEMU's complaint about an id. */
  static ImageFault notAnIdentifier() {
    return GraphFault.bad("Parameter 'id' expects an identifier")
        .withHint("Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.");
  }

  private int endOfName() {
    int end = at;
    while (end < text.length() && text.charAt(end) != '=' && text.charAt(end) != ',') {
      end++;
    }
    return end;
  }

  /** Up to a comma that is not doubled; {@link #at} is left on it. */
  private String value() {
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ',') {
        if (at + 1 >= text.length() || text.charAt(at + 1) != ',') {
          break;
        }
        at++;
      }
      value.append(c);
      at++;
    }
    return value.toString();
  }
}
