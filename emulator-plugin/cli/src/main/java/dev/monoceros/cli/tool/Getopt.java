package dev.monoceros.cli.tool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The command line as glibc's {@code getopt_long} reads it: clustered short options, {@code
 * --name=value}, unambiguous abbreviations, operands moved to the end as they are met. Scripts
 * depend on all of it, and the messages of qemu-img on where the index stands after a mistake; no
 * library has either.
 */
public final class Getopt {
  /** {@link #next} when there are no more options. */
  public static final int END = -1;

  /** {@link #next} for an option that is unknown or ambiguous, or wrong in its use of a value. */
  public static final int UNKNOWN = '?';

  /** {@link #next} for an option whose value is missing, if the option text starts with a colon. */
  public static final int MISSING = ':';

  private static final String TERMINATOR = "--";

  private enum Order {
    PERMUTE,
    REQUIRE_ORDER
  }

  private final String[] words;
  private final String shorts;
  private final List<LongOption> longs;
  private final Order order;
  private final boolean colon;
  private final Consumer<String> messages;

  private int index = 1;
  private int firstOperand = 1;
  private int lastOperand = 1;
  private String rest = "";
  private String argument;
  private int wrong;

  /**
   * @param words the name of the command, for messages, and its arguments
   * @param shorts as getopt takes it: letters, each followed by a colon if it takes a value; a
   *     leading {@code +} stops at the first operand, a leading {@code :} silences messages
   * @param posix the environment has POSIXLY_CORRECT: stop at the first operand
   * @param messages told what glibc would print on standard error, without the end of line
   */
  public Getopt(
      List<String> words,
      String shorts,
      List<LongOption> longs,
      boolean posix,
      Consumer<String> messages) {
    this.words = words.toArray(String[]::new);
    boolean plus = shorts.startsWith("+");
    String bare = plus ? shorts.substring(1) : shorts;
    this.order = plus || posix ? Order.REQUIRE_ORDER : Order.PERMUTE;
    this.colon = bare.startsWith(":");
    this.shorts = colon ? bare.substring(1) : bare;
    this.longs = List.copyOf(longs);
    this.messages = colon ? text -> {} : messages;
  }

  /** The next option's letter or value, or one of the constants above. */
  public int next() {
    argument = null;
    if (!rest.isEmpty()) {
      return shortOption();
    }
    lastOperand = Math.min(lastOperand, index);
    firstOperand = Math.min(firstOperand, index);
    if (order == Order.PERMUTE) {
      skipOperands();
    }
    if (index < words.length && words[index].equals(TERMINATOR)) {
      endAtTerminator();
    }
    if (index == words.length) {
      if (firstOperand != lastOperand) {
        index = firstOperand;
      }
      return END;
    }
    if (isOperand(words[index])) {
      return END;
    }
    if (words[index].startsWith(TERMINATOR) && !longs.isEmpty()) {
      rest = words[index].substring(2);
      return longOption();
    }
    rest = words[index].substring(1);
    return shortOption();
  }

  private static boolean isOperand(String word) {
    return !word.startsWith("-") || word.length() == 1;
  }

  private void skipOperands() {
    if (firstOperand != lastOperand && lastOperand != index) {
      exchange();
    } else if (lastOperand != index) {
      firstOperand = index;
    }
    while (index < words.length && isOperand(words[index])) {
      index++;
    }
    lastOperand = index;
  }

  private void endAtTerminator() {
    index++;
    if (firstOperand != lastOperand && lastOperand != index) {
      exchange();
    } else if (firstOperand == lastOperand) {
      firstOperand = index;
    }
    lastOperand = words.length;
    index = words.length;
  }

  /** Moves the operands met so far behind the options that followed them. */
  private void exchange() {
    String[] operands = Arrays.copyOfRange(words, firstOperand, lastOperand);
    int options = index - lastOperand;
    System.arraycopy(words, lastOperand, words, firstOperand, options);
    System.arraycopy(operands, 0, words, firstOperand + options, operands.length);
    firstOperand += options;
    lastOperand = index;
  }

  private int longOption() {
    int equals = rest.indexOf('=');
    String name = equals < 0 ? rest : rest.substring(0, equals);
    String value = equals < 0 ? null : rest.substring(equals + 1);
    LongOption found = find(name);
    rest = "";
    index++;
    wrong = 0;
    if (found == null) {
      return UNKNOWN;
    }
    if (value != null && found.argument() == LongOption.Argument.NONE) {
      say("option '--" + found.name() + "' doesn't allow an argument");
      wrong = found.value();
      return UNKNOWN;
    }
    if (value == null && found.argument() == LongOption.Argument.REQUIRED) {
      if (index == words.length) {
        say("option '--" + found.name() + "' requires an argument");
        wrong = found.value();
        return colon ? MISSING : UNKNOWN;
      }
      value = words[index++];
    }
    argument = value;
    return found.value();
  }

  /** The exact one, or the only one that {@code name} abbreviates; says why there is none. */
  private LongOption find(String name) {
    List<LongOption> matches = new ArrayList<>();
    for (LongOption option : longs) {
      if (option.name().equals(name)) {
        return option;
      }
      if (option.name().startsWith(name)) {
        matches.add(option);
      }
    }
    if (matches.isEmpty()) {
      say("unrecognized option '--" + rest + "'");
      return null;
    }
    LongOption first = matches.getFirst();
    for (LongOption other : matches) {
      if (other.argument() != first.argument() || other.value() != first.value()) {
        ambiguous(matches);
        return null;
      }
    }
    return first;
  }

  private void ambiguous(List<LongOption> matches) {
    StringBuilder text = new StringBuilder("option '--" + rest + "' is ambiguous; possibilities:");
    for (LongOption option : matches) {
      text.append(" '--").append(option.name()).append('\'');
    }
    say(text.toString());
  }

  private int shortOption() {
    char letter = rest.charAt(0);
    rest = rest.substring(1);
    int at = letter == ':' || letter == ';' ? -1 : shorts.indexOf(letter);
    if (rest.isEmpty()) {
      index++;
    }
    if (at < 0) {
      say("invalid option -- '" + letter + "'");
      wrong = letter;
      return UNKNOWN;
    }
    boolean valued = at + 1 < shorts.length() && shorts.charAt(at + 1) == ':';
    if (!valued) {
      return letter;
    }
    boolean optional = at + 2 < shorts.length() && shorts.charAt(at + 2) == ':';
    if (!rest.isEmpty()) {
      argument = rest;
      index++;
    } else if (!optional) {
      if (index == words.length) {
        say("option requires an argument -- '" + letter + "'");
        wrong = letter;
        return colon ? MISSING : UNKNOWN;
      }
      argument = words[index++];
    }
    rest = "";
    return letter;
  }

  private void say(String text) {
    messages.accept(words[0] + ": " + text);
  }

  /** The value of the option just returned; null if it has none. */
  public String argument() {
    return argument;
  }

  /**
   * Letter or value of what {@link #UNKNOWN} or {@link #MISSING} was returned for; 0 if unknown.
   */
  public int wrong() {
    return wrong;
  }

  /** The word before the next to be read: what qemu-img quotes when an option is wrong. */
  public String lastWord() {
    return words[index - 1];
  }

  /** Where the operands start, once {@link #next} has returned {@link #END}. */
  public int index() {
    return index;
  }

  /** What is left, once {@link #next} has returned {@link #END}. */
  public List<String> operands() {
    return List.of(words).subList(index, words.length);
  }
}
