package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.Getopt;
import java.util.List;

/** The words of one command. */
final class Arguments {
  /** All options have been seen. */
  static final int END = Getopt.END;

  /** A wrong option; getopt has said so. */
  static final int WRONG = Getopt.UNKNOWN;

  private final List<String> words;
  private final boolean posix;
  private final Output out;
  private Getopt options;

  /**
   * @param words the first is the command's name
   * @param posix no options after operands
   */
  Arguments(List<String> words, boolean posix, Output out) {
    this.words = words;
    this.posix = posix;
    this.out = out;
  }

  /** How many words follow the command's name. */
  int count() {
    return words.size() - 1;
  }

  /** Word {@code index} of the command, 1 for the first after the name. */
  String word(int index) {
    return words.get(index);
  }

  /** The first word once options have been moved before operands, as getopt(3) does. */
  String firstWord() {
    for (int i = 1; i < words.size(); i++) {
      if (words.get(i).startsWith("-") && words.get(i).length() > 1) {
        return words.get(i);
      }
    }
    return words.get(1);
  }

  /**
   * The next option.
   *
   * @param known the option letters, a colon after those that have a value
   * @return the letter, {@link #WRONG} or {@link #END}
   */
  int next(String known) {
    if (options == null) {
      options = new Getopt(words, known, List.of(), posix, out::bareError);
    }
    return options.next();
  }

  /** The value of the option that {@link #next} returned last. */
  String value() {
    return options.argument();
  }

  /** The words that are no options, once {@link #next} has returned {@link #END}. */
  List<String> operands() {
    return options.operands();
  }
}
