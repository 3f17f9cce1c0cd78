package dev.monoceros.cli.tool;

/** Something is not done, and QEMU has words for why. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String hint;

  /**
   * @param message one clause, without an end of line
   */
  public RefusedException(String message) {
    this(message, "");
  }

  /**
   * @param hint printed after the message's line as it is, end of line included if there is one
   */
  public RefusedException(String message, String hint) {
    super(message);
    this.hint = hint;
  }

  /** What follows the message's line. */
  public String hint() {
    return hint;
  }
}
