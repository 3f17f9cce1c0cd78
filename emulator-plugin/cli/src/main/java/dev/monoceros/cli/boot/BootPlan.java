package dev.monoceros.cli.boot;

import dev.monoceros.machine.MachineConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A run with nothing left open.
 *
 * @param config what the machine is made from
 * @param kernelOrigin where the kernel came from, in words
 * @param initramfsOrigin where the initramfs came from, in words
 * @param library the libunicorn that is expected to be taken, if known
 * @param libraryProblem why the cache has no libunicorn, if it has none
 * @param temporary files made for this run, deleted by {@link #close}
 */
public record BootPlan(
    MachineConfig config,
    String kernelOrigin,
    String initramfsOrigin,
    Optional<Path> library,
    Optional<String> libraryProblem,
    TemporaryFiles temporary)
    implements AutoCloseable {
  /** What a report calls a file. */
  public String name(Path file) {
    return temporary.name(file);
  }

  @Override
  public void close() {
    temporary.close();
  }
}
