package dev.monoceros.qcow.oracle;

import java.util.ArrayList;
import java.util.List;

/**
 * One call on a disk of a few sectors, with when it was made and when it returned, on a clock that
 * all threads share. A sector holds one number.
 *
 * @param kind what was done
 * @param first number of the first sector
 * @param values what was written, or seen, sector by sector
 */
public record DiskCall(long called, long returned, Kind kind, int first, List<Integer> values) {
  /** What a call does to sectors. */
  public enum Kind {
    READ,
    WRITE
  }

  public DiskCall {
    values = List.copyOf(values);
  }

  /** The sectors after this call, or null if a read cannot have seen what they hold. */
  List<Integer> after(List<Integer> sectors) {
    List<Integer> part = sectors.subList(first, first + values.size());
    if (kind == Kind.READ) {
      return part.equals(values) ? sectors : null;
    }
    List<Integer> changed = new ArrayList<>(sectors);
    for (int i = 0; i < values.size(); i++) {
      changed.set(first + i, values.get(i));
    }
    return List.copyOf(changed);
  }
}
