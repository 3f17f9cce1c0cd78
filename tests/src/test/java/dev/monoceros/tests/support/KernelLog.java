package dev.monoceros.tests.support;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Linux's log as {@code dmesg -r} prints it: a level, a time and a text a line.
 *
 * @param lines in their order
 */
public record KernelLog(List<Line> lines) {
  /** KERN_WARNING of linux/kern_levels.h; smaller is worse. */
  private static final int WARNING = 4;

  private static final int LEVEL_BITS = 7;
  private static final Pattern LINE = Pattern.compile("^<(\\d+)>\\[ *[\\d.]+\\] (.*)$");

  /**
   * One message.
   *
   * @param level 0 (emergency) to 7 (debug)
   * @param text without the time
   */
  public record Line(int level, String text) {
    /** Numbers differ between machines. */
    String kind() {
      return text.replaceAll("0x[0-9a-f]+|\\b[0-9a-f]{4,}\\b|\\d+", "N");
    }
  }

  /** What {@code dmesg -r} printed, among other things. */
  public static KernelLog of(String console) {
    List<Line> lines = new ArrayList<>();
    for (String text : console.split("\r?\n|\r")) {
      Matcher line = LINE.matcher(text);
      if (line.matches()) {
        lines.add(new Line(Integer.parseInt(line.group(1)) & LEVEL_BITS, line.group(2)));
      }
    }
    return new KernelLog(lines);
  }

  /** The warnings and worse whose like is not in another log, at whatever level. */
  public List<String> warningsBeyond(KernelLog other) {
    Set<String> known = new HashSet<>();
    other.lines.forEach(line -> known.add(line.kind()));
    return lines.stream()
        .filter(line -> line.level <= WARNING && !known.contains(line.kind()))
        .map(Line::text)
        .toList();
  }
}
