package dev.monoceros.unicorn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The memory map of this process, {@code /proc/self/maps} (proc(5)). */
final class HostMaps {
  /**
   * One mapping.
   *
   * @param begin first address
   * @param end address after the last
   * @param permissions four letters, for example {@code rw-p}
   * @param file the mapped file, or an empty string
   */
  record Range(long begin, long end, String permissions, String file) {
    boolean writable() {
      return permissions.startsWith("rw");
    }
  }

  private final List<Range> ranges;

  private HostMaps(List<Range> ranges) {
    this.ranges = ranges;
  }

  static HostMaps read() {
    try {
      List<Range> ranges = new ArrayList<>();
      for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
        int dash = line.indexOf('-');
        int space = line.indexOf(' ');
        int slash = line.indexOf('/');
        ranges.add(
            new Range(
                Long.parseUnsignedLong(line, 0, dash, 16),
                Long.parseUnsignedLong(line, dash + 1, space, 16),
                line.substring(space + 1, space + 5),
                slash < 0 ? "" : line.substring(slash)));
      }
      return new HostMaps(ranges);
    } catch (IOException e) {
      throw new UnicornException("the memory map of this process cannot be read", e);
    }
  }

  /** End of the writable mapping that holds {@code address}, or 0. */
  long writableEnd(long address) {
    for (Range range : ranges) {
      if (address >= range.begin() && address < range.end()) {
        return range.writable() ? range.end() : 0;
      }
    }
    return 0;
  }

  /** What lies free between two mappings of user space and has {@code size} bytes at least. */
  List<Range> gaps(long size) {
    List<Range> found = new ArrayList<>();
    for (int i = 0; i + 1 < ranges.size(); i++) {
      long begin = ranges.get(i).end();
      long end = ranges.get(i + 1).begin();
      if (begin > 0 && end - begin >= size) {
        found.add(new Range(begin, end, "", ""));
      }
    }
    return found;
  }

  /**
   * The mappings of a file in which the loader puts addresses: the writable ones, and what lies
   * right before them, which it has made read-only since.
   */
  List<Range> relocatedOf(Path file) {
    List<Range> of = of(file);
    List<Range> found = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      boolean before = i + 1 < of.size() && of.get(i + 1).writable();
      if (of.get(i).writable() || before && of.get(i).permissions().startsWith("r--")) {
        found.add(of.get(i));
      }
    }
    return found;
  }

  /** The executable mappings of a file. */
  List<Range> codeOf(Path file) {
    return of(file).stream().filter(r -> r.permissions().charAt(2) == 'x').toList();
  }

  private List<Range> of(Path file) {
    String name;
    try {
      name = file.toRealPath().toString();
    } catch (IOException e) {
      return List.of();
    }
    return ranges.stream()
        .filter(r -> r.file().equals(name))
        .filter(r -> r.permissions().startsWith("r"))
        .toList();
  }
}
