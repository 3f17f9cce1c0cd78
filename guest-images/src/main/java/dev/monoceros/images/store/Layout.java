package dev.monoceros.images.store;

import dev.monoceros.images.HostArch;
import dev.monoceros.images.Suite;
import java.nio.file.Path;

/**
 * Names of everything in a cache directory.
 *
 * @param root the cache directory
 */
public record Layout(Path root) {
  /** The file writers lock. */
  Path lock() {
    return root.resolve("lock");
  }

  /** A package by the SHA-256 of its bytes. */
  Path blob(String sha256) {
    return blobs().resolve(sha256.substring(0, 2)).resolve(sha256 + ".deb");
  }

  Path blobs() {
    return root.resolve("store").resolve("sha256");
  }

  /** What a request resolved to. */
  Path index(String key) {
    return indexes().resolve(key);
  }

  Path indexes() {
    return root.resolve("index");
  }

  /** Unpacked packages. */
  public Path tree(String name) {
    return trees().resolve(name);
  }

  Path trees() {
    return root.resolve("tree");
  }

  /** Half-made things; everything in it is rubbish once nobody holds the lock. */
  Path temporary() {
    return root.resolve("tmp");
  }

  /** apt's private directories for one suite. */
  public Path apt(Suite suite, HostArch architecture) {
    return root.resolve("apt").resolve(suite.codename() + "-" + architecture.debianName());
  }
}
