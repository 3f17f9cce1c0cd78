package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Takes the options that a driver knows out of a map and reads them by their type; JSON values
 * count as the text they print as.
 */
final class OptionReader {
  /** How an option is to be read. */
  enum Type {
    TEXT,
    FLAG,
    SIZE,
    NUMBER
  }

  /** An option that a driver knows. */
  record Known(String name, Type type) {}

  private final OptionMap taken = new OptionMap();

  private OptionReader() {}

  /**
   * Takes the known options out of {@code options}.
   *
   * @throws ImageFault BAD_OPTION if one of them, the first in QEMU's order, is not of its type
   */
  static OptionReader absorb(OptionMap options, List<Known> known) throws ImageFault {
    OptionReader reader = new OptionReader();
    for (String key : options.keys()) {
      for (Known option : known) {
        if (option.name().equals(key)) {
          String text = textOf(options.get(key));
          if (text != null) {
            check(option, text);
            reader.taken.put(key, text);
          }
          options.remove(key);
        }
      }
    }
    return reader;
  }

  /** Null for what is no scalar; QEMU drops that without a word. */
  static String textOf(OptionValue value) {
    // Asked for each option of each start: a first switch over types takes milliseconds.
    if (value instanceof OptionValue.Text scalar) {
      return scalar.text();
    }
    if (value instanceof OptionValue.Number scalar) {
      return scalar.text();
    }
    return value instanceof OptionValue.Flag scalar ? (scalar.set() ? "on" : "off") : null;
  }

  private static void check(Known option, String text) throws ImageFault {
    switch (option.type()) {
      case TEXT -> {}
      case FLAG -> flag(option.name(), text);
      case SIZE -> SizeText.size(option.name(), text);
      case NUMBER -> SizeText.number(option.name(), text);
    }
  }

  private static boolean flag(String name, String text) throws ImageFault {
    return switch (text) {
      case "on", "yes", "true", "y" -> true;
      case "off", "no", "false", "n" -> false;
      default -> throw GraphFault.bad("Parameter '" + name + "' expects 'on' or 'off'");
    };
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(taken.text(name));
  }

  Optional<Boolean> flag(String name) throws ImageFault {
    String text = taken.text(name);
    return text == null ? Optional.empty() : Optional.of(flag(name, text));
  }

  boolean flag(String name, boolean otherwise) throws ImageFault {
    return flag(name).orElse(otherwise);
  }

  /** An unsigned 64-bit number. */
  OptionalLong size(String name) throws ImageFault {
    String text = taken.text(name);
    return text == null ? OptionalLong.empty() : OptionalLong.of(SizeText.size(name, text));
  }

  /** A 64-bit number, unsigned or wrapped. */
  long number(String name, long otherwise) throws ImageFault {
    String text = taken.text(name);
    return text == null ? otherwise : SizeText.number(name, text);
  }

  /** Names of one type. */
  static List<Known> known(Type type, String... names) {
    List<Known> known = new ArrayList<>();
    for (String name : names) {
      known.add(new Known(name, type));
    }
    return known;
  }

  @SafeVarargs
  static List<Known> all(List<Known>... lists) {
    List<Known> all = new ArrayList<>();
    for (List<Known> list : lists) {
      all.addAll(list);
    }
    return List.copyOf(all);
  }
}
