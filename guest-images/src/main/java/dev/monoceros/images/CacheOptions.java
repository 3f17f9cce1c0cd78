package dev.monoceros.images;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Where the package cache lives and what it may do.
 *
 * @param directory the cache; created when first needed
 * @param offline never fetch: what is not in the cache is an error that says so
 * @param progress told about every step
 * @param aptDirectory the machine's apt configuration, read for its mirror and keyring
 * @param mirror a Debian archive to use instead of the machine's own
 * @param keyring the keyring that signs that mirror
 */
public record CacheOptions(
    Path directory,
    boolean offline,
    Progress progress,
    Path aptDirectory,
    Optional<String> mirror,
    Optional<Path> keyring) {
  /** Environment variable naming the cache directory. */
  public static final String CACHE_VARIABLE = "MONOCEROS_CACHE";

  /** Environment variable naming a Debian archive URI, for hosts whose own apt knows none. */
  public static final String MIRROR_VARIABLE = "MONOCEROS_MIRROR";

  /** Environment variable naming the keyring file for {@link #MIRROR_VARIABLE}. */
  public static final String KEYRING_VARIABLE = "MONOCEROS_KEYRING";

  private static final Path APT_DIRECTORY = Path.of("/etc/apt");

  public CacheOptions {
    Objects.requireNonNull(progress);
    directory = directory.toAbsolutePath().normalize();
    // apt.conf strings end at a quote, and the loader's library path is split at colons; neither
    // knows an escape.
    if (directory.toString().chars().anyMatch(c -> c == ':' || c == '"' || c == '\n')) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "The package cache cannot lie in a directory with a colon, quote or line feed in its name: "
              + directory
              + ".");
    }
  }

  /**
   * {@code MONOCEROS_CACHE}, else {@code XDG_CACHE_HOME/monoceros}, else {@code
   * ~/.cache/monoceros}; fetching allowed.
   */
  public static CacheOptions fromEnvironment(Map<String, String> environment) {
    return new CacheOptions(
        defaultDirectory(environment),
        false,
        Progress.NONE,
        APT_DIRECTORY,
        nonEmpty(environment, MIRROR_VARIABLE),
        nonEmpty(environment, KEYRING_VARIABLE).map(Path::of));
  }

  /** The same for the environment of this process. */
  public static CacheOptions defaults() {
    return fromEnvironment(System.getenv());
  }

  /** These options with another directory. */
  public CacheOptions withDirectory(Path other) {
    return new CacheOptions(other, offline, progress, aptDirectory, mirror, keyring);
  }

  /** These options, fetching or not. */
  public CacheOptions withOffline(boolean other) {
    return new CacheOptions(directory, other, progress, aptDirectory, mirror, keyring);
  }

  /** These options with a listener. */
  public CacheOptions withProgress(Progress other) {
    return new CacheOptions(directory, offline, other, aptDirectory, mirror, keyring);
  }

  /** These options with the apt configuration of another root; for tests and containers. */
  public CacheOptions withAptDirectory(Path other) {
    return new CacheOptions(directory, offline, progress, other, mirror, keyring);
  }

  private static Path defaultDirectory(Map<String, String> environment) {
    return nonEmpty(environment, CACHE_VARIABLE)
        .map(Path::of)
        .or(
            () ->
                nonEmpty(environment, "XDG_CACHE_HOME")
                    .map(Path::of)
                    .filter(Path::isAbsolute)
                    .map(base -> base.resolve("monoceros")))
        .orElseGet(() -> home(environment).resolve(".cache").resolve("monoceros"));
  }

  private static Path home(Map<String, String> environment) {
    return Path.of(nonEmpty(environment, "HOME").orElseGet(() -> System.getProperty("user.home")));
  }

  private static Optional<String> nonEmpty(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }
}
