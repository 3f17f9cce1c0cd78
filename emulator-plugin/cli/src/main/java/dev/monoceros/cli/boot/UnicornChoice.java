package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which libunicorn a run uses.
 *
 * @param cached files of the cache, best first; tried after a named one and before the system's
 * @param file the one that will be taken, unless it turns out not to work
 * @param problem why the cache has none, if it has none
 */
record UnicornChoice(List<Path> cached, Optional<Path> file, Optional<String> problem) {
  /** Read by the unicorn module; goes before everything else. */
  private static final String PROPERTY = "monoceros.unicorn";

  private static final String VARIABLE = "MONOCEROS_UNICORN";
  private static final String REFERENCE = "2.1.4";

  /**
   * Chooses. What the user named is the only candidate.
   *
   * @param wanted a version or a file
   */
  static UnicornChoice of(
      Optional<String> wanted, PackageCache cache, Map<String, String> environment) {
    if (wanted.isPresent()) {
      System.setProperty(PROPERTY, named(wanted.get(), cache).toString());
    }
    String named = System.getProperty(PROPERTY, environment.getOrDefault(VARIABLE, ""));
    if (!named.isEmpty()) {
      return new UnicornChoice(List.of(), Optional.of(Path.of(named)), Optional.empty());
    }
    try {
      Path file = cache.libunicorn(REFERENCE).path();
      return new UnicornChoice(List.of(file), Optional.of(file), Optional.empty());
    } catch (ImagesException e) {
      return new UnicornChoice(List.of(), Optional.empty(), Optional.of(e.getMessage()));
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
