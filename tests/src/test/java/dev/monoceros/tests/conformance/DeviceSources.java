package dev.monoceros.tests.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The sources that mutants change. Tests run in the folder of their module. */
final class DeviceSources {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();

  private DeviceSources() {}

  /** The root of the repository. */
  static Path repository() {
    return REPOSITORY;
  }

  /** The text of a file that a mutant names: {@code virtio/...} or {@code machine/...}. */
  static String read(String file) {
    int slash = file.indexOf('/');
    String module = file.substring(0, slash);
    String folder =
        switch (module) {
          case "virtio" -> "virtio";
          case "machine" -> "emulator-plugin/machine";
          default -> throw new IllegalArgumentException("no mutants in module " + module);
        };
    Path source = REPOSITORY.resolve(folder).resolve("src/main/java/dev/monoceros/" + file);
    try {
      return Files.readString(source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
