package dev.monoceros.cli.tool;

/**
 * A long option of {@link Getopt}.
 *
 * @param name without the two dashes
 * @param argument whether it takes one
 * @param value what {@link Getopt#next} returns for it
 */
public record LongOption(String name, Argument argument, int value) {
  /** Whether a value follows. */
  public enum Argument {
    NONE,
    REQUIRED,
    OPTIONAL
  }

  /** An option without a value. */
  public static LongOption flag(String name, int value) {
    return new LongOption(name, Argument.NONE, value);
  }

  /** An option that needs a value. */
  public static LongOption valued(String name, int value) {
    return new LongOption(name, Argument.REQUIRED, value);
  }
}
