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
  record Range(long begin, long end, String permissions, String file) {}

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
        return range.permissions().startsWith("rw") ? range.end() : 0;
      }
    }
    return 0;
  }

  /** The readable, not executable mappings of a file. */
  List<Range> dataOf(Path file) {
    return of(file, false);
  }

  /** The executable mappings of a file. */
  List<Range> codeOf(Path file) {
    return of(file, true);
  }

  private List<Range> of(Path file, boolean executable) {
    String name;
    try {
      name = file.toRealPath().toString();
    } catch (IOException e) {
      return List.of();
    }
    return ranges.stream()
        .filter(r -> r.file().equals(name))
        .filter(r -> r.permissions().startsWith("r"))
        .filter(r -> (r.permissions().charAt(2) == 'x') == executable)
        .toList();
  }
}
