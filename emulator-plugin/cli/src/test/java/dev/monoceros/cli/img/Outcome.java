package dev.monoceros.cli.img;

import java.util.regex.Pattern;

/**
 * What a run of either tool printed and how it ended, without what no two runs share: times, the
 * space that the host gave the file, and the names that QEMU makes up for its nodes.
 */
record Outcome(int exitCode, String out, String err) {
  private static final Pattern VARYING =
      Pattern.compile(
          "(?<=disk size: )[^\n]*|(?<=\"(?:actual-size|date-sec|date-nsec)\": )\\d+"
              + "|(?<=Run completed in )[0-9.]+"
              + "|\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d|#block\\d+");

  static Outcome of(int exitCode, String out, String err) {
    return new Outcome(exitCode, normal(out), normal(err));
  }

  private static String normal(String text) {
    return VARYING.matcher(text).replaceAll("X");
  }

  @Override
  public String toString() {
    return "exit code " + exitCode + "\n--- standard output\n" + out + "--- standard error\n" + err;
  }
}
