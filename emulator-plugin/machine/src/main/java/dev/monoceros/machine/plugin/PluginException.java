package dev.monoceros.machine.plugin;

/** A device that cannot be made as asked. The message is one sentence for the user. */
public final class PluginException extends Exception {
  private static final long serialVersionUID = 1L;

  /** A refusal without a lower cause. */
  public PluginException(String message) {
    super(message);
  }

  /** A refusal because of {@code cause}. */
  public PluginException(String message, Throwable cause) {
    super(message, cause);
  }
}
