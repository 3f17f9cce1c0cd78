package dev.monoceros.images.distro;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.store.Layout;
import dev.monoceros.images.store.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.io.file.PathUtils;
import org.apache.commons.io.file.StandardDeleteOption;

/**
 * Built images in the cache, each named after a digest of all that went into it, beside a list of
 * that. They are read-only: a guest writes to a copy.
 */
public final class ImageStore {
  private static final int DIGEST_CHARS = 12;

  private final Path directory;
  private final Path logs;

  /** The images of a cache. */
  public ImageStore(PackageCache cache) {
    Path root = cache.options().directory();
    this.directory = new Layout(root).images();
    this.logs = root.resolve("logs");
  }

  /** Makes an image out of nothing but the inputs it was announced with. */
  @FunctionalInterface
  interface Recipe {
    /** Writes the image; {@code work} is an empty directory that is deleted afterwards. */
    void build(Path image, Path work);
  }

  /** Where the programs of a build of this name leave what they say. */
  Path log(String name) {
    return logs.resolve("image-" + name + ".log");
  }

  /**
   * The image made of these inputs, built if it is not there yet.
   *
   * @param name how its file name begins
   * @param inputs all that shapes it, as a text for people
   */
  Path obtain(String name, String inputs, Recipe recipe) {
    return obtain(name, ".qcow2", inputs, recipe);
  }

  /**
   * The same for a file of another kind.
   *
   * @param extension how its file name ends
   */
  Path obtain(String name, String extension, String inputs, Recipe recipe) {
    String unique = name + "-" + Sha256.of(inputs).substring(0, DIGEST_CHARS);
    Path image = directory.resolve(unique + extension);
    if (Files.exists(image)) {
      return image;
    }
    try {
      Files.createDirectories(directory);
      Path work = Files.createTempDirectory(directory, "new-");
      try {
        Path fresh = work.resolve("image" + extension);
        recipe.build(fresh, Files.createDirectory(work.resolve("work")));
        Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("r--r--r--"));
        Files.writeString(directory.resolve(unique + ".txt"), inputs);
        Files.move(fresh, image, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        PathUtils.deleteDirectory(work, StandardDeleteOption.OVERRIDE_READ_ONLY);
      }
      return image;
    } catch (IOException e) {
      throw ImagesException.io("build the image", image, e);
    }
  }
}
