package dev.monoceros.tests.bench;

import dev.monoceros.tests.support.Guests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.io.FileUtils;

/**
 * Exec to the kernel's first console bytes, alternating. QEMU's firmware speaks before its kernel,
 * so the time is that of the kernel's first time stamp, for everybody. Argument: number of runs
 * (5).
 */
final class FirstByteBench {
  private static final String FIRST_STAMP = "[    0.000000]";
  private static final int DEFAULT_RUNS = 5;

  private FirstByteBench() {}

  public static void main(String[] arguments) throws IOException {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : DEFAULT_RUNS;
    Path directory = Files.createTempDirectory("monoceros-bench");
    try {
      Subjects subjects = new Subjects(directory);
      List<Subject> all =
          List.of(
              subjects.monoceros(Guests.REFERENCE),
              subjects.monoceros(Guests.ALTERNATIVE),
              subjects.qemuPc(),
              subjects.qemuMicrovm());
      List<Series> times = all.stream().map(subject -> new Series(subject.name())).toList();
      for (Subject subject : all) {
        Timing.of(subject, FIRST_STAMP, true); // not counted: file cache, first-time build
      }
      for (int i = 0; i < runs; i++) {
        for (int s = 0; s < all.size(); s++) {
          times.get(s).add(Timing.of(all.get(s), FIRST_STAMP, true).cue());
        }
      }
      System.out.println(Host.describe());
      System.out.println(Series.head("exec to first console byte"));
      times.forEach(series -> System.out.println(series.row()));
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }
}
