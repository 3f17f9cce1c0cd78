package dev.monoceros.qcow.check;

/** The image is such that the check cannot go on; what was found so far is reported. */
final class CheckStopped extends Exception {
  private static final long serialVersionUID = 1L;

  static final String INVALID = "Invalid argument";
  static final String TOO_LARGE = "File too large";
  static final String NO_MEMORY = "Cannot allocate memory";
  static final String IO = "Input/output error";

  /**
   * @param reason in the C library's words
   */
  CheckStopped(String reason) {
    super(reason);
  }
}
