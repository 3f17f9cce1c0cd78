package dev.monoceros.tests.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** What may end otherwise here than under QEMU, and why: the resource differences.txt. */
public final class ExplainedDifferences {
  private static final String NOT_RUN = "-";

  private record Difference(int ours, String theirs) {
    boolean allows(int our, Integer their) {
      return our == ours && theirs.equals("" + their);
    }
  }

  private final Map<String, Difference> all = new TreeMap<>();

  /** Reads the list. */
  public ExplainedDifferences() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/debian/differences.txt"))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(each -> !each.startsWith("#")).toList()) {
        String[] fields = line.split(" ", 4);
        all.put(fields[0], new Difference(Integer.parseInt(fields[1]), fields[2]));
      }
    }
  }

  /** What must not run under QEMU, because its guest dies of it. */
  public List<String> notRunThere() {
    return all.entrySet().stream()
        .filter(each -> each.getValue().theirs().equals(NOT_RUN))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The differences that are not explained, and the explanations of what does not differ: a line by
   * name, empty if all is well.
   */
  public Map<String, String> unexplained(Map<String, Integer> ours, Map<String, Integer> theirs) {
    Map<String, String> found = new TreeMap<>();
    ours.forEach(
        (name, status) -> {
          Difference difference = all.get(name);
          Integer their = theirs.get(name);
          boolean left = difference != null && difference.theirs().equals(NOT_RUN);
          boolean fine =
              left
                  ? status == difference.ours()
                  : status.equals(their) || difference != null && difference.allows(status, their);
          if (!fine) {
            found.put(name, name + ": " + status + " here, " + their + " under QEMU");
          }
        });
    theirs.keySet().stream()
        .filter(name -> !ours.containsKey(name))
        .forEach(name -> found.put(name, name + ": not run here"));
    all.keySet().stream()
        .filter(name -> ours.containsKey(name) && ours.get(name).equals(theirs.get(name)))
        .forEach(name -> found.put(name, name + ": explained, but no longer different"));
    return found;
  }
}
