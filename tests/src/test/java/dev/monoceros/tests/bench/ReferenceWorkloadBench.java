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
      System.out.println(Host.describe());
      new Contest(
              "W1, exec to exit",
              ours,
              peers,
              DONE,
              Contest.End.EXIT,
              timing -> timing.status() == 0 && timing.output().contains("reboot: "))
          .hold(runs);
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }
}
