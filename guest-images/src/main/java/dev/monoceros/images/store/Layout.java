package dev.monoceros.images.store;

import dev.monoceros.images.HostArch;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Suite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.file.PathUtils;

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

  /** Disk images that were built. */
  public Path images() {
    return root.resolve("images");
  }

  /** Images of directories. */
  public Path roots() {
    return root.resolve("roots");
  }

  /** apt's private directories for one suite. */
  public Path apt(Suite suite, HostArch architecture) {
    return aptTrees().resolve(suite.codename() + "-" + architecture.debianName());
  }

  private Path aptTrees() {
    return root.resolve("apt");
  }

  /**
   * Deletes what requests resolved to and apt's package indexes; packages and trees stay. The
   * caller holds the lock.
   */
  public void deleteResolutions() {
    delete(indexes());
    delete(aptTrees());
  }

  /**
   * Deletes everything but the lock, which the caller holds. Trees go after the index that points
   * to them.
   */
  public void deleteAll() {
    deleteResolutions();
    delete(temporary());
    delete(images());
    delete(roots());
    delete(trees());
    delete(blobs());
  }

  private static void delete(Path directory) {
    try {
      if (Files.exists(directory)) {
        PathUtils.deleteDirectory(directory);
      }
    } catch (IOException e) {
      throw ImagesException.io("delete", directory, e);
    }
  }
}
