package dev.monoceros.tests.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The times of one subject, in seconds. */
public final class Series {
  private final String name;
  private final List<Double> times = new ArrayList<>();

  public Series(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  public void add(double seconds) {
    times.add(seconds);
  }

  /** The middle time; of an even number the mean of the two in the middle. */
  public double median() {
    List<Double> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** A line of the table: name, median, least, most, number of runs. */
  String row() {
    return String.format(
        Locale.ROOT,
        "| %-32s | %8.3f | %8.3f | %8.3f | %4d |",
        name,
        median(),
        Collections.min(times),
        Collections.max(times),
        times.size());
  }

  static String head(String what) {
    return String.format("| %-32s | median s |    least |     most | runs |%n", what)
        + "|----------------------------------|----------|----------|----------|------|";
  }

  /** How many times as long as another this one took, by medians. */
  String ratioTo(Series other) {
    return String.format(
        Locale.ROOT, "%s / %s = %.2f", name, other.name, median() / other.median());
  }
}
