package dev.monoceros.tests.bench;

import dev.monoceros.tests.support.Guests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * W1 as whole processes, exec to exit, alternating, and the ratios of the medians. Arguments:
 * number of runs (5), then a vmlinux if QEMU's microvm is to be measured too.
 */
final class ReferenceWorkloadBench {
  private static final String DONE = "TEST-DONE";
  private static final int DEFAULT_RUNS = 5;

  private ReferenceWorkloadBench() {}

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path directory = Files.createTempDirectory("monoceros-bench");
    try {
      Subjects subjects = new Subjects(directory);
      List<Subject> ours =
          List.of(subjects.monoceros(Guests.REFERENCE), subjects.monoceros(Guests.ALTERNATIVE));
      List<Subject> peers = List.of(subjects.qemuPc(), subjects.qemuMicrovm());
      List<Series> ourTimes = series(ours);
      List<Series> peerTimes = series(peers);
      // Not counted: fills the host's file cache and builds what bin/monoceros builds once.
      measure(peers, series(peers));
      measure(ours, series(ours));
      for (int i = 0; i < runs; i++) {
        measure(peers, peerTimes);
        measure(ours, ourTimes);
      }
      print(ourTimes, peerTimes);
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private static List<Series> series(List<Subject> subjects) {
    return subjects.stream().map(subject -> new Series(subject.name())).toList();
  }

  private static void measure(List<Subject> subjects, List<Series> times) throws IOException {
    for (int i = 0; i < subjects.size(); i++) {
      Subject subject = subjects.get(i);
      Timing timing = Timing.of(subject, DONE, false);
      if (timing.status() != 0 || !timing.output().contains("reboot: ")) {
        throw new IOException(
            subject.name() + " ended with " + timing.status() + ":\n" + timing.output());
      }
      times.get(i).add(timing.exit());
      System.err.printf("%-32s %.3f s%n", subject.name(), timing.exit());
    }
  }

  private static void print(List<Series> ours, List<Series> peers) throws IOException {
    System.out.println(Host.describe());
    System.out.println(Series.head("W1, exec to exit"));
    ours.forEach(series -> System.out.println(series.row()));
    peers.forEach(series -> System.out.println(series.row()));
    System.out.println();
    for (Series series : ours) {
      peers.forEach(peer -> System.out.println(series.ratioTo(peer)));
    }
  }
}
