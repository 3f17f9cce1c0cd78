package dev.monoceros.qcow.oracle;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks for an order of calls that explains what each of them saw, and in which none comes before
 * one that had returned when it was made (Wing and Gong 1993, with the memory of Lowe 2017).
 */
public final class Linearizability {
  private final List<DiskCall> calls;
  private final Set<State> seen = new HashSet<>();

  private record State(long done, List<Integer> sectors) {}

  private Linearizability(List<DiskCall> calls) {
    this.calls = calls;
  }

  /**
   * True if there is such an order.
   *
   * @param calls at most 63
   * @param before the sectors before all calls
   */
  public static boolean holds(List<DiskCall> calls, List<Integer> before) {
    if (calls.size() >= Long.SIZE) {
      throw new IllegalArgumentException(calls.size() + " calls are too many");
    }
    return new Linearizability(calls).explains(new State(0, List.copyOf(before)));
  }

  private boolean explains(State state) {
    if (Long.bitCount(state.done()) == calls.size()) {
      return true;
    }
    if (!seen.add(state)) {
      return false;
    }
    long firstReturn = Long.MAX_VALUE;
    for (int i = 0; i < calls.size(); i++) {
      if (!isDone(state, i)) {
        firstReturn = Math.min(firstReturn, calls.get(i).returned());
      }
    }
    for (int i = 0; i < calls.size(); i++) {
      DiskCall call = calls.get(i);
      if (isDone(state, i) || call.called() > firstReturn) {
        continue;
      }
      List<Integer> after = call.after(state.sectors());
      if (after != null && explains(new State(state.done() | 1L << i, after))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isDone(State state, int call) {
    return (state.done() >>> call & 1) != 0;
  }
}
