package dev.monoceros.machine;

import dev.monoceros.machine.block.Disk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A dialogue with the guest's console: what is waited for, and what is then typed. It runs on
 * virtual time alone, so the same script gives the same run.
 *
 * <pre>
 * timeout 60s            # for each expect that follows; none unless given
 * expect login:          # a regular expression, found within a line, also an unfinished one
 * send root              # the words and Enter; \c at the end leaves Enter out
 * abort Kernel panic     # from here on, a line in which this is found ends the run
 * break                  # a break on the line; Linux takes the next byte as a SysRq
 * power-button           # presses it
 * resize vda 2G          # gives a disk another size; k, M, G and T are powers of 1024
 * nmi                    # pulses the NMI; Linux tells where it is if booted with unknown_nmi_panic
 * </pre>
 *
 * <p>Colours and cursor movements (ECMA-48 control sequences) are no part of a line. In {@code
 * send}, {@code \n \r \t \e \\} and {@code \xNN} mean what they mean in C, a byte of the value NN
 * for the last. Empty lines and those that begin with # are left out; there is no comment behind a
 * command.
 *
 * @param steps in order
 */
public record ConsoleScript(List<Step> steps) {
  /** One command of a script. */
  public sealed interface Step {
    /** The line of the file that it comes from, from 1 on; for messages. */
    int line();
  }

  /**
   * Waits until a line of the console matches.
   *
   * @param pattern is looked for anywhere in the line
   */
  public record Expect(int line, Pattern pattern) implements Step {}

  /**
   * Types.
   *
   * @param bytes as the guest's serial port receives them
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Send(int line, byte[] bytes) implements Step {}

  /**
   * Sets how long each following {@link Expect} may take.
   *
   * @param nanos of virtual time, 1 or more
   */
  public record Timeout(int line, long nanos) implements Step {}

  /**
   * Ends the run when, from here on, a line of the console matches.
   *
   * @param pattern is looked for anywhere in the line
   */
  public record Abort(int line, Pattern pattern) implements Step {}

  /** Sends a break, after what was typed before. */
  public record Break(int line) implements Step {}

  /** Presses the power button, at the guest's present time. */
  public record PowerButton(int line) implements Step {}

  /** Pulses the NMI, at the guest's present time. */
  public record Nmi(int line) implements Step {}

  /**
   * Gives a disk another size, at the guest's present time.
   *
   * @param disk the guest's name for it: vda
   * @param bytes a positive multiple of 512
   */
  public record Resize(int line, String disk, long bytes) implements Step {}

  /** A script that cannot be understood; the message names the line. */
  public static final class SyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    SyntaxException(int line, String message) {
      super("line " + line + ": " + message);
    }
  }

  /** Reads lengths of time. */
  @FunctionalInterface
  public interface Duration {
    /**
     * Ns of virtual time.
     *
     * @throws IllegalArgumentException if the text is no length of time; the message is a sentence
     */
    long parse(String text);
  }

  private static final Pattern RESIZE = Pattern.compile("(vd[a-z]) +(\\d{1,18})([kMGT]?)");
  private static final int BITS_OF_SUFFIX = 10;

  /** Copies the list. */
  public ConsoleScript {
    steps = List.copyOf(steps);
  }

  /**
   * Reads a script.
   *
   * @param duration understands what follows {@code timeout}
   */
  public static ConsoleScript parse(String text, Duration duration) throws SyntaxException {
    Objects.requireNonNull(duration);
    List<Step> steps = new ArrayList<>();
    int number = 0;
    for (String raw : text.split("\r?\n", -1)) {
      number++;
      String line = raw.stripLeading();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int blank = line.indexOf(' ');
      String command = blank < 0 ? line : line.substring(0, blank);
      String rest = blank < 0 ? "" : line.substring(blank + 1);
      steps.add(step(number, command, rest, duration));
    }
    return new ConsoleScript(steps);
  }

  private static Step step(int line, String command, String rest, Duration duration)
      throws SyntaxException {
    try {
      return switch (command) {
        case "expect" -> new Expect(line, pattern(line, command, rest.strip()));
        case "abort" -> new Abort(line, pattern(line, command, rest.strip()));
        case "break" -> alone(new Break(line), command, rest);
        case "power-button" -> alone(new PowerButton(line), command, rest);
        case "nmi" -> alone(new Nmi(line), command, rest);
        case "resize" -> resize(line, rest.strip());
        case "send" -> new Send(line, typed(line, rest));
        case "timeout" -> new Timeout(line, duration.parse(rest.strip()));
        default ->
            throw new SyntaxException(
                line,
                "'"
                    + command
                    + "' is no command: there are expect, send, timeout, abort, break,"
                    + " power-button, nmi and resize");
      };
    } catch (PatternSyntaxException e) {
      throw new SyntaxException(
          line, "'" + rest.strip() + "' is no regular expression: " + e.getDescription());
    } catch (IllegalArgumentException e) {
      throw new SyntaxException(line, e.getMessage());
    }
  }

  private static Pattern pattern(int line, String command, String expression)
      throws SyntaxException {
    if (expression.isEmpty()) {
      throw new SyntaxException(line, command + " needs a regular expression");
    }
    return Pattern.compile(expression);
  }

  private static Step alone(Step step, String command, String rest) throws SyntaxException {
    if (!rest.isBlank()) {
      throw new SyntaxException(step.line(), command + " takes nothing behind it");
    }
    return step;
  }

  private static Step resize(int line, String rest) throws SyntaxException {
    Matcher matcher = RESIZE.matcher(rest);
    if (!matcher.matches()) {
      throw new SyntaxException(line, "resize takes a disk and its new size: resize vda 2G");
    }
    long unit = 1L << BITS_OF_SUFFIX * (" kMGT".indexOf((matcher.group(3) + " ").charAt(0)));
    try {
      long bytes = Math.multiplyExact(Long.parseLong(matcher.group(2)), unit);
      if (Disk.isSize(bytes)) {
        return new Resize(line, matcher.group(1), bytes);
      }
    } catch (ArithmeticException e) {
      throw new SyntaxException(line, "'" + rest + "': the size is too large");
    }
    throw new SyntaxException(line, Disk.SIZE_RULE);
  }

  private static byte[] typed(int line, String text) throws SyntaxException {
    boolean enter = !text.endsWith("\\c");
    String words = enter ? text : text.substring(0, text.length() - 2);
    var bytes = new java.io.ByteArrayOutputStream();
    int at = 0;
    while (at < words.length()) {
      int escape = words.indexOf('\\', at);
      int end = escape < 0 ? words.length() : escape;
      bytes.writeBytes(words.substring(at, end).getBytes(StandardCharsets.UTF_8));
      at = end;
      if (escape >= 0) {
        at += escaped(line, words.substring(escape + 1), bytes);
      }
    }
    if (enter) {
      bytes.write('\r');
    }
    return bytes.toByteArray();
  }

  /** Writes what follows a backslash; returns how many characters that and the backslash are. */
  private static int escaped(int line, String rest, java.io.ByteArrayOutputStream bytes)
      throws SyntaxException {
    if (rest.matches("(?s)x[0-9a-fA-F]{2}.*")) {
      bytes.write(Integer.parseInt(rest.substring(1, 3), 16));
      return 4;
    }
    int which = rest.isEmpty() ? -1 : "nrte\\".indexOf(rest.charAt(0));
    if (which < 0) {
      throw new SyntaxException(
          line, "'\\" + rest.substring(0, Math.min(1, rest.length())) + "' means nothing in send");
    }
    bytes.write("\n\r\t\u001b\\".charAt(which));
    return 2;
  }
}
