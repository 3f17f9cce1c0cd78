package dev.monoceros.cli.io;

import java.util.ArrayList;
import java.util.List;

/**
 * getopt(3) over the words of one command: clustered options, values attached or in the next word,
 * operands anywhere, {@code --}.
 */
final class Arguments {
  /** All options have been seen. */
  static final int END = -1;

  /** A wrong option; getopt has said so. */
  static final int WRONG = '?';

  private final List<String> words;
  private final Output out;
  private final List<String> operands = new ArrayList<>();
  private int word = 1;
  private int inWord;
  private String value = "";

  /**
   * @param words the first is the command's name
   */
  Arguments(List<String> words, Output out) {
    this.words = words;
    this.out = out;
  }

  /** The command as it was called. */
  String name() {
    return words.getFirst();
  }

  /** How many words follow the command's name. */
  int count() {
    return words.size() - 1;
  }

  /** Word {@code index} of the command, 1 for the first after the name. */
  String word(int index) {
    return words.get(index);
  }

  /**
   * The next option.
   *
   * @param known the option letters, a colon after those that have a value
   * @return the letter, {@link #WRONG} or {@link #END}
   */
  int next(String known) {
    if (inWord == 0 && !toNextOption()) {
      return END;
    }
    String current = words.get(word);
    char option = current.charAt(inWord++);
    boolean last = inWord == current.length();
    int at = option == ':' ? -1 : known.indexOf(option);
    boolean wantsValue = at >= 0 && known.startsWith(":", at + 1);
    if (wantsValue && !last) {
      value = current.substring(inWord);
      last = true;
    } else if (wantsValue) {
      word++;
      if (word == words.size()) {
        out.bareError(name() + ": option requires an argument -- '" + option + "'");
        inWord = 0;
        return WRONG;
      }
      value = words.get(word);
    }
    if (last) {
      inWord = 0;
      word++;
    }
    if (at < 0) {
      out.bareError(name() + ": invalid option -- '" + option + "'");
      return WRONG;
    }
    return option;
  }

  private boolean toNextOption() {
    while (word < words.size()) {
      String current = words.get(word);
      if (current.equals("--")) {
        operands.addAll(words.subList(word + 1, words.size()));
        word = words.size();
      } else if (current.startsWith("-") && current.length() > 1) {
        inWord = 1;
        return true;
      } else {
        operands.add(current);
        word++;
      }
    }
    return false;
  }

  /** The value of the option that {@link #next} returned last. */
  String value() {
    return value;
  }

  /** The words that are no options, once {@link #next} has returned {@link #END}. */
  List<String> operands() {
    return operands;
  }
}
