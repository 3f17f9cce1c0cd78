package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Refuses to empty a file that the run reads. */
public final class OutputFiles {
  private final Map<Path, String> inputs = new LinkedHashMap<>();

  private OutputFiles() {}

  /** What a run reads: kernel, initramfs and disks, and what these stand on. */
  public static OutputFiles of(MachineConfig config) {
    OutputFiles files = new OutputFiles();
    files.inputs.put(config.kernel(), "the kernel");
    config.initrds().forEach(file -> files.inputs.put(file, "an initramfs"));
    config
        .disks()
        .forEach(disk -> disk.file().ifPresent(file -> files.addDisk(file, disk.anyBacking())));
    return files;
  }

  /** One more file that the run reads. */
  public void add(Path file, String role) {
    inputs.put(file, role);
  }

  private void addDisk(Path file, boolean anyBacking) {
    inputs.put(file, "a disk");
    OpenOptions options =
        OpenOptions.defaults()
            .withReadOnly(true)
            .withBacking(anyBacking ? BackingPolicy.ALLOW : BackingPolicy.SAME_DIRECTORY);
    try (DiskImage image = DiskImage.open(file, options)) {
      Optional<DiskImage> at = Optional.of(image);
      while (at.isPresent()) {
        ImageInfo info = at.get().info();
        info.backingPath().ifPresent(path -> inputs.put(Path.of(path), "part of a disk"));
        at = at.get().backing();
      }
    } catch (ImageException | java.nio.file.InvalidPathException e) {
      // The machine opens it next, and says what is wrong in its own words.
    }
  }

  /**
   * Refuses {@code output} if it is one of those files, by whatever name.
   *
   * @param option by which it was given
   */
  public void check(String option, Path output) {
    inputs.forEach(
        (input, role) -> {
          if (same(input, output)) {
            throw Failure.usage(
                "%s: %s is %s of this run, which would be overwritten"
                    .formatted(option, output, role));
          }
        });
  }

  private static boolean same(Path one, Path other) {
    try {
      return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
    } catch (IOException e) {
      return false;
    }
  }
}
