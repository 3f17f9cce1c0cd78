package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which libunicorn a run uses. */
final class UnicornChoice {
  /** Read by the unicorn module; goes before everything else. */
  private static final String PROPERTY = "monoceros.unicorn";

  private static final String VARIABLE = "MONOCEROS_UNICORN";
  private static final String REFERENCE = "2.1.4";

  private UnicornChoice() {}

  /**
   * The candidates, best first. A version or file that the user named is the only one.
   *
   * @param wanted a version or a file
   */
  static List<Path> choose(
      Optional<String> wanted, PackageCache cache, Map<String, String> environment) {
    if (wanted.isPresent()) {
      System.setProperty(PROPERTY, named(wanted.get(), cache).toString());
      return List.of();
    }
    if (System.getProperty(PROPERTY) != null || environment.containsKey(VARIABLE)) {
      return List.of();
    }
    try {
      return List.of(cache.libunicorn(REFERENCE).path());
    } catch (ImagesException e) {
      // The system may have one; if not, the machine says what is missing.
      return List.of();
    }
  }

  private static Path named(String wanted, PackageCache cache) {
    if (wanted.matches("\\d+\\.\\d+\\.\\d+")) {
      return cache.libunicorn(wanted).path();
    }
    Path file = Path.of(wanted);
    if (!Files.isReadable(file)) {
      throw Failure.usage("there is no readable libunicorn at " + wanted);
    }
    return file;
  }
}
