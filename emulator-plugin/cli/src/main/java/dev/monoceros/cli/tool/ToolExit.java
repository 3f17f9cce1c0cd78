package dev.monoceros.cli.tool;

/** The command ends now; what there was to say has been said. */
public final class ToolExit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * @param code exit code of the process
   */
  public ToolExit(int code) {
    super("exit code " + code, null, false, false);
    this.code = code;
  }

  /** Exit code of the process. */
  public int code() {
    return code;
  }
}
