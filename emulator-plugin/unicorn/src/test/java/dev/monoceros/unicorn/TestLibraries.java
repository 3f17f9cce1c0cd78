package dev.monoceros.unicorn;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import java.nio.file.Path;

/** The libunicorn files that the tests load, from the package cache. */
final class TestLibraries {
  static final String REFERENCE = "2.1.4";

  private TestLibraries() {}

  static Path file(String version) {
    return PackageCache.open(CacheOptions.defaults()).libunicorn(version).path();
  }

  static UnicornLibrary load(String version) {
    return UnicornLibrary.load(file(version));
  }
}
