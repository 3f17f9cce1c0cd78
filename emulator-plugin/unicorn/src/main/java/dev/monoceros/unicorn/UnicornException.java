package dev.monoceros.unicorn;

/** libunicorn is missing, unusable, or refused a call. The message is one sentence. */
public final class UnicornException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message what went wrong, one sentence
   */
  public UnicornException(String message) {
    super(message);
  }

  /**
   * Creates the exception.
   *
   * @param message what went wrong, one sentence
   * @param cause the error beneath
   */
  public UnicornException(String message, Throwable cause) {
    super(message, cause);
  }
}
