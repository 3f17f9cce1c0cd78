package dev.monoceros.machine;

/** A machine that cannot be made or run as asked. The message is one sentence for the user. */
public final class MachineException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is to blame. */
  public enum Kind {
    /** The configuration: wrong values, no kernel, too little RAM. */
    CONFIG,
    /** A disk image: missing, broken, in use. */
    IMAGE,
    /** The host: no libunicorn, no memory. */
    HOST
  }

  private final Kind kind;

  /** A refusal. */
  public MachineException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** A refusal because of {@code cause}. */
  public MachineException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is to blame. */
  public Kind kind() {
    return kind;
  }
}
