package dev.monoceros.cli.io;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What a run of either tool printed and how it ended, without what no two runs share: times, and
 * the directory it ran in.
 */
record Outcome(int exitCode, String out, String err) {
  private static final Pattern TIMES = Pattern.compile("( ops; )[^\n]*");
  private static final Pattern PARSABLE =
      Pattern.compile(
          "(?m)^((?:qemu-io> )*\\d+,\\d+),\\d+:\\d\\d:\\d\\d\\.\\d\\d,[\\d.a-z]+,[\\d.a-z]+$");
  private static final Pattern NODE = Pattern.compile("#block\\d+");

  static Outcome of(int exitCode, String out, String err, Path directory) {
    return new Outcome(exitCode, normal(out, directory), normal(err, directory));
  }

  private static String normal(String text, Path directory) {
    String placed = text.replace(directory.toString(), "DIR");
    String timed = TIMES.matcher(placed).replaceAll("$1TIME");
    return NODE.matcher(PARSABLE.matcher(timed).replaceAll("$1,TIME")).replaceAll("#block");
  }
}
