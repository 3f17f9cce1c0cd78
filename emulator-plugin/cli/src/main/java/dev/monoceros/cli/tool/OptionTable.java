package dev.monoceros.cli.tool;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The options that {@code -o} takes for a format, in the order in which QEMU prints them.
 *
 * @param options names are unique; the first of a name wins
 */
public record OptionTable(List<Option> options) {
  private static final int HELP_COLUMN = 24;

  /** What a value must look like. */
  public enum Type {
    STRING("str"),
    BOOL("bool (on/off)"),
    NUMBER("num"),
    SIZE("size");

    private final String shown;

    Type(String shown) {
      this.shown = shown;
    }
  }

  /**
   * One option.
   *
   * @param initial what is printed if the user gives nothing
   */
  public record Option(String name, Type type, String help, Optional<String> initial) {}

  public OptionTable {
    options = List.copyOf(options);
  }

  /** Starts a table. */
  public static OptionTable empty() {
    return new OptionTable(List.of());
  }

  /** With one more option. */
  public OptionTable with(String name, Type type, String help) {
    return append(new OptionTable(List.of(new Option(name, type, help, Optional.empty()))));
  }

  /** With one more option that has a value if none is given. */
  public OptionTable with(String name, Type type, String help, String initial) {
    return append(new OptionTable(List.of(new Option(name, type, help, Optional.of(initial)))));
  }

  /** With those of another table that this one has not. */
  public OptionTable append(OptionTable more) {
    List<Option> all = new ArrayList<>(options);
    for (Option option : more.options) {
      if (find(option.name()).isEmpty()) {
        all.add(option);
      }
    }
    return new OptionTable(all);
  }

  /** The option of that name. */
  public Optional<Option> find(String name) {
    for (Option option : options) {
      if (option.name().equals(name)) {
        return Optional.of(option);
      }
    }
    return Optional.empty();
  }

  /** One line for each option, sorted by name. */
  public String help() {
    List<String> lines = new ArrayList<>();
    for (Option option : options) {
      StringBuilder line = new StringBuilder("  ");
      line.append(option.name()).append("=<").append(option.type().shown).append('>');
      while (line.length() < HELP_COLUMN) {
        line.append(' ');
      }
      lines.add(line.append(" - ").append(option.help()).append('\n').toString());
    }
    lines.sort(null);
    return String.join("", lines);
  }
}
