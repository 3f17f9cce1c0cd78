package dev.monoceros.cli.options;

/** A value that an option does not take. The message says what it takes. */
public final class OptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /**
   * A refusal.
   *
   * @param message what is wrong, a clause
   */
  public OptionException(String message) {
    super(message);
  }
}
