package dev.monoceros.cli.exit;

/** The command cannot go on. The message is one sentence for the user, without a final period. */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private Failure(int exitCode, String sentence, Throwable cause) {
    super(sentence, cause);
    this.exitCode = exitCode;
  }

  /** The user asked for something that cannot be. */
  public static Failure usage(String sentence) {
    return new Failure(ExitCode.USAGE, sentence, null);
  }

  /** A disk image is missing, broken or in use. */
  public static Failure image(String sentence, Throwable cause) {
    return new Failure(ExitCode.IMAGE_ERROR, sentence, cause);
  }

  /** The host or the emulator failed. */
  public static Failure host(String sentence, Throwable cause) {
    return new Failure(ExitCode.EMULATOR_FAULT, sentence, cause);
  }

  /** What the process then ends with. */
  public int exitCode() {
    return exitCode;
  }
}
