package dev.monoceros.images;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;

/**
 * A signed apt repository in a directory, with two packages: {@code fixture-tool} depends on {@code
 * fixture-lib}.
 */
final class FixtureRepository {
  private static final String DISTS = "dists/bookworm/main/";

  private final Path root;

  FixtureRepository(Path root) {
    this.root = root;
  }

  /** The repository as it first was ({@code v1}) or after an update of fixture-lib ({@code v2}). */
  FixtureRepository publish(String version) {
    Path source = resource(version);
    if (Files.exists(root)) {
      delete();
    }
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            root.resolve(source.relativize(file).toString()),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return this;
  }

  CacheOptions options(Path cache) {
    return new CacheOptions(
        cache,
        false,
        Progress.NONE,
        Path.of("/nonexistent"),
        Optional.of(root.toUri().toString()),
        Optional.of(key("fixture")));
  }

  static Path key(String owner) {
    return resource(owner + ".gpg");
  }

  static Path pool(String version) {
    return resource(version).resolve("pool");
  }

  /** Changes one byte of the only package whose file name starts so, keeping its length. */
  void corruptPackage(String name) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("pool"))) {
      Path deb =
          files
              .filter(file -> file.getFileName().toString().startsWith(name))
              .findFirst()
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(deb);
      bytes[bytes.length / 2] ^= 1;
      Files.write(deb, bytes);
    }
  }

  /** Makes the index promise another version than the one that was signed. */
  void tamperWithIndex() throws IOException {
    for (String architecture : List.of("amd64", "arm64")) {
      Path packages = root.resolve(DISTS + "binary-" + architecture + "/Packages");
      Files.writeString(packages, Files.readString(packages).replace("1.0-1", "6.6-6"));
    }
  }

  void delete() {
    try {
      PathUtils.deleteDirectory(root);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(FixtureRepository.class.getResource("/repo/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
