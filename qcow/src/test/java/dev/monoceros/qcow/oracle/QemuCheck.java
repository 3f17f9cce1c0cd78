package dev.monoceros.qcow.oracle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code qemu-img check --output=json} says.
 *
 * @param opened false if qemu-img refused to open the image
 * @param failure why the check stopped before its end, empty if it did not
 * @param messages the findings, line by line
 * @param fields the numbers of the JSON report, which leaves zeros out
 */
public record QemuCheck(
    int exitCode,
    boolean opened,
    String failure,
    List<String> messages,
    Map<String, Long> fields,
    String output) {
  private static final Pattern NUMBER = Pattern.compile("\"([a-z-]+)\": (\\d+),?");
  private static final String SELF = "qemu-img: ";
  private static final String FAILED = SELF + "Check failed: ";

  /** Runs a check; {@code repair} is empty, leaks or all. */
  public static QemuCheck run(Path image, String repair) {
    List<Object> command = new ArrayList<>(List.of("check", "-f", "qcow2", "--output=json"));
    if (!repair.isEmpty()) {
      command.addAll(List.of("-r", repair));
    }
    command.add(image);
    QemuImg.Result result = QemuImg.run(command.toArray());
    List<String> messages = new ArrayList<>();
    Map<String, Long> fields = new TreeMap<>();
    String failure = "";
    boolean opened = true;
    boolean json = false;
    for (String line : result.output().lines().toList()) {
      json |= line.equals("{");
      Matcher number = NUMBER.matcher(line.strip());
      if (json) {
        if (number.matches()) {
          fields.put(number.group(1), Long.valueOf(number.group(2)));
        }
      } else if (line.startsWith(FAILED)) {
        failure = line.substring(FAILED.length());
      } else if (line.startsWith(SELF + "Could not open")) {
        opened = false;
      } else if (!line.equals(SELF + "Check failed") && !line.startsWith(SELF + "warning")) {
        messages.add(line);
      }
    }
    return new QemuCheck(result.exitCode(), opened, failure, messages, fields, result.output());
  }

  /** A number of the report. */
  public long field(String name) {
    return fields.getOrDefault(name, 0L);
  }
}
