package dev.monoceros.machine.cpu;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import dev.monoceros.unicorn.UnicornLibrary;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The libunicorn versions that the CPU is tested on, from the package cache. */
final class Libraries {
  /** The reference version. */
  static final String REFERENCE = "2.1.4";

  private static final Map<String, UnicornLibrary> LOADED = new ConcurrentHashMap<>();

  private Libraries() {}

  static UnicornLibrary get(String version) {
    return LOADED.computeIfAbsent(version, Libraries::load);
  }

  private static UnicornLibrary load(String version) {
    PackageCache cache = PackageCache.open(CacheOptions.defaults());
    return UnicornLibrary.load(cache.libunicorn(version).path());
  }
}
