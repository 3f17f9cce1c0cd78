package dev.monoceros.tests.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Runs of the same work under Monoceros and under peers, in turn.
 *
 * @param what heads the table
 * @param ours Monoceros's commands
 * @param peers what they are compared with
 * @param cue text of the output that must come
 * @param end whether the time is that of the cue or of the process's end
 * @param good whether a run that said the cue did its work
 */
record Contest(
    String what,
    List<Subject> ours,
    List<Subject> peers,
    String cue,
    End end,
    Predicate<Timing> good) {

  /** What is timed. */
  enum End {
    /** From exec to the cue, at which the process is killed. */
    CUE,
    /** From exec to exit. */
    EXIT
  }

  private record Entrant(Subject subject, Series times) {}

  /**
   * Runs everybody once without counting it (it fills the host's file cache and builds what
   * bin/monoceros builds once), then in turn, and prints the table and the ratios of the medians.
   */
  void hold(int runs) throws IOException {
    List<Entrant> peerTimes = entrants(peers);
    List<Entrant> ourTimes = entrants(ours);
    List<Entrant> all = new ArrayList<>(peerTimes);
    all.addAll(ourTimes);
    for (Entrant one : all) {
      measure(one.subject());
    }
    for (int i = 0; i < runs; i++) {
      for (Entrant one : all) {
        one.times().add(measure(one.subject()));
      }
    }
    System.out.println(Series.head(what));
    ourTimes.forEach(one -> System.out.println(one.times().row()));
    peerTimes.forEach(one -> System.out.println(one.times().row()));
    System.out.println();
    for (Entrant one : ourTimes) {
      peerTimes.forEach(peer -> System.out.println(one.times().ratioTo(peer.times())));
    }
  }

  private static List<Entrant> entrants(List<Subject> subjects) {
    return subjects.stream().map(one -> new Entrant(one, new Series(one.name()))).toList();
  }

  private double measure(Subject subject) throws IOException {
    Timing timing = Timing.of(subject, cue, end == End.CUE);
    if (!good.test(timing)) {
      throw new IOException(
          subject.name() + " ended with " + timing.status() + ":\n" + timing.output());
    }
    double seconds = end == End.CUE ? timing.cue() : timing.exit();
    System.err.printf("%-32s %.3f s%n", subject.name(), seconds);
    return seconds;
  }
}
