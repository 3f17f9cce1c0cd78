package dev.monoceros.machine.boot;

/**
 * A kernel, initrd or command line that cannot be booted. The message is one sentence that names
 * the file and what was found in it.
 */
public final class BootException extends Exception {
  private static final long serialVersionUID = 1L;

  /** A refusal without a lower cause. */
  public BootException(String message) {
    super(message);
  }

  /** A refusal because of {@code cause}. */
  public BootException(String message, Throwable cause) {
    super(message, cause);
  }
}
