package dev.monoceros.cli.boot;

import dev.monoceros.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A run with nothing left open.
 *
 * @param config what the machine is made from
 * @param initramfsOrigin where the initramfs came from, in words
 * @param library the libunicorn that is expected to be taken, if known
 * @param libraryProblem why the cache has no libunicorn, if it has none
 * @param temporary a file made for this run, deleted by {@link #close}
 */
public record BootPlan(
    MachineConfig config,
    String initramfsOrigin,
    Optional<Path> library,
    Optional<String> libraryProblem,
    Optional<Path> temporary)
    implements AutoCloseable {
  @Override
  public void close() {
    if (temporary.isPresent()) {
      try {
        Files.deleteIfExists(temporary.get());
      } catch (IOException e) {
        // It lies in the directory for such files, and is marked for deletion at exit.
      }
    }
  }
}
