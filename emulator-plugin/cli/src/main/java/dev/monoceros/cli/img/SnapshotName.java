package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.KeyValues;
import dev.monoceros.cli.tool.Tool;
import java.util.Optional;

/**
 * What {@code -l} names: an id or a name, or each by itself.
 *
 * @param either looked up as an id, then as a name
 * @param id of {@code snapshot.id=}
 * @param name of {@code snapshot.name=}
 */
record SnapshotName(Optional<String> either, Optional<String> id, Optional<String> name) {
  private static final String PREFIX = "snapshot.";
  private static final String ID = "snapshot.id";
  private static final String NAME = "snapshot.name";

  static SnapshotName parse(Tool tool, String text) {
    if (!text.startsWith(PREFIX)) {
      return new SnapshotName(Optional.of(text), Optional.empty(), Optional.empty());
    }
    Optional<String> id = Optional.empty();
    Optional<String> name = Optional.empty();
    for (String part : KeyValues.split(text)) {
      int equals = part.indexOf('=');
      String key = equals < 0 ? part : part.substring(0, equals);
      String value = equals < 0 ? "on" : part.substring(equals + 1);
      switch (key) {
        case ID -> id = Optional.of(value);
        case NAME -> name = Optional.of(value);
        default -> {
          tool.error("Invalid parameter '" + key + "'");
          throw tool.failure("Failed in parsing snapshot param '" + text + "'");
        }
      }
    }
    return new SnapshotName(Optional.empty(), id, name);
  }
}
