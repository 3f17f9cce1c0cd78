package dev.monoceros.qcow.check;

/** What a check may mend. */
public enum Fix {
  NONE(false, false),
  LEAKS(true, false),
  ALL(true, true);

  private final boolean leaks;
  private final boolean errors;

  Fix(boolean leaks, boolean errors) {
    this.leaks = leaks;
    this.errors = errors;
  }

  boolean any() {
    return leaks;
  }

  boolean leaks() {
    return leaks;
  }

  boolean errors() {
    return errors;
  }

  /** First word of a finding that {@link #ALL} mends. */
  String verb() {
    return errors ? "Repairing" : "ERROR";
  }
}
