package dev.monoceros.images.bootdisk;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** GRUB's command {@code test}, also written with brackets. Empty answers: not understood. */
final class GrubCondition {
  /** What a test asks of the disk. */
  interface Files {
    /** Whether there is a file with something in it, or any file at all. */
    boolean exists(String path, boolean withContent) throws IOException;
  }

  private static final int MAX_NUMBER_LENGTH = 9;

  private final List<String> words;
  private final Files files;
  private int at;
  private boolean understood = true;

  private GrubCondition(List<String> words, Files files) {
    this.words = words;
    this.files = files;
  }

  static Optional<Boolean> of(List<String> command, Files files) throws IOException {
    if (command.isEmpty()) {
      return Optional.of(true);
    }
    List<String> words = command;
    switch (words.getFirst()) {
      case "true" -> {
        return Optional.of(true);
      }
      case "false" -> {
        return Optional.of(false);
      }
      case "test" -> words = words.subList(1, words.size());
      case "[" -> {
        if (!words.getLast().equals("]")) {
          return Optional.empty();
        }
        words = words.subList(1, words.size() - 1);
      }
      default -> {
        return Optional.empty();
      }
    }
    GrubCondition condition = new GrubCondition(words, files);
    boolean holds = condition.any();
    return condition.understood && condition.at == words.size()
        ? Optional.of(holds)
        : Optional.empty();
  }

  private boolean any() throws IOException {
    boolean holds = all();
    while (next("-o")) {
      holds |= all();
    }
    return holds;
  }

  private boolean all() throws IOException {
    boolean holds = one();
    while (next("-a")) {
      holds &= one();
    }
    return holds;
  }

  private boolean next(String word) {
    boolean there = at < words.size() && words.get(at).equals(word);
    at += there ? 1 : 0;
    return there;
  }

  private boolean one() throws IOException {
    if (at == words.size()) {
      return false; // a variable without a value, not quoted
    }
    if (next("!")) {
      return !one();
    }
    if (at + 2 < words.size() && isComparison(words.get(at + 1))) {
      at += 3;
      return compare(words.get(at - 3), words.get(at - 2), words.get(at - 1));
    }
    if (at + 1 < words.size()) {
      switch (words.get(at)) {
        case "-n" -> {
          return !operand().isEmpty();
        }
        case "-z" -> {
          return operand().isEmpty();
        }
        case "-f", "-e" -> {
          return files.exists(operand(), false);
        }
        case "-s" -> {
          return files.exists(operand(), true);
        }
        default -> {}
      }
    }
    return !words.get(at++).isEmpty();
  }

  private String operand() {
    at += 2;
    return words.get(at - 1);
  }

  private static boolean isComparison(String word) {
    return word.matches("=|==|!=|-(eq|ne|lt|le|gt|ge)");
  }

  private boolean compare(String left, String operator, String right) {
    switch (operator) {
      case "=", "==" -> {
        return left.equals(right);
      }
      case "!=" -> {
        return !left.equals(right);
      }
      default -> {
        String number = "-?\\d{1," + MAX_NUMBER_LENGTH + "}";
        if (!left.matches(number) || !right.matches(number)) {
          understood = false;
          return false;
        }
        int order = Integer.compare(Integer.parseInt(left), Integer.parseInt(right));
        return switch (operator) {
          case "-eq" -> order == 0;
          case "-ne" -> order != 0;
          case "-lt" -> order < 0;
          case "-le" -> order <= 0;
          case "-gt" -> order > 0;
          default -> order >= 0;
        };
      }
    }
  }
}
