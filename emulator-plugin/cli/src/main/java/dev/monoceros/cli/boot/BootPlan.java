package dev.monoceros.cli.boot;

import dev.monoceros.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A run with nothing left open.
 *
 * @param config what the machine is made from
 * @param initramfsOrigin where the initramfs came from, in words
 * @param library the libunicorn that is expected to be taken, if known
 * @param libraryProblem why the cache has no libunicorn, if it has none
 * @param temporary files made for this run, deleted by {@link #close}
 * @param names what reports call files whose own names mean nothing
 */
public record BootPlan(
    MachineConfig config,
    String initramfsOrigin,
    Optional<Path> library,
    Optional<String> libraryProblem,
    List<Path> temporary,
    Map<Path, String> names)
    implements AutoCloseable {
  /** Copies the collections. */
  public BootPlan {
    temporary = List.copyOf(temporary);
    names = Map.copyOf(names);
  }

  /** A run with at most one file made for it, and no names. */
  public BootPlan(
      MachineConfig config,
      String initramfsOrigin,
      Optional<Path> library,
      Optional<String> libraryProblem,
      Optional<Path> temporary) {
    this(config, initramfsOrigin, library, libraryProblem, temporary.stream().toList(), Map.of());
  }

  /** What a report calls a file. */
  public String name(Path file) {
    return names.getOrDefault(file, file.toString());
  }

  @Override
  public void close() {
    for (Path file : temporary) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        // It lies in the directory for such files, and is marked for deletion at exit.
      }
    }
  }
}
