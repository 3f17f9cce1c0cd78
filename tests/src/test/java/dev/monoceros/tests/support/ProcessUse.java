package dev.monoceros.tests.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What this process holds of its host, as proc(5) tells it.
 *
 * @param residentKib physical memory without the Java heap's own growth: RSS less the heap
 *     committed
 * @param threads of the process
 * @param descriptors open files
 * @param mappings of its address space
 */
public record ProcessUse(long residentKib, long threads, long descriptors, long mappings) {
  /** Collects garbage and looks. */
  public static ProcessUse now() throws IOException {
    System.gc();
    System.gc();
    return new ProcessUse(
        status("VmRSS"),
        status("Threads"),
        entries("/proc/self/fd"),
        Files.readAllLines(Path.of("/proc/self/maps")).size());
  }

  private static long status(String name) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/self/status has no " + name);
  }

  private static long entries(String directory) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of(directory))) {
      return entries.count();
    }
  }
}
