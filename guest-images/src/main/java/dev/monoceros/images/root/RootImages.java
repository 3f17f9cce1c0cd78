package dev.monoceros.images.root;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Progress;
import dev.monoceros.images.Tool;
import dev.monoceros.images.disk.Ext4Builder;
import dev.monoceros.images.disk.Ext4Options;
import dev.monoceros.images.root.DirectoryScan.Found;
import dev.monoceros.images.store.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;
import org.apache.commons.io.file.StandardDeleteOption;

/**
 * Directories as raw ext4 images, kept in the cache under the {@link Fingerprint} of what they were
 * made of. The same contents give the same bytes, wherever the directory lies. Images that were not
 * used for longest go when all together hold more than a limit.
 */
public final class RootImages {
  /** What is free in an image for a guest that may write to it, bytes. */
  public static final long FREE_BYTES = 1L << 30;

  private static final long KEPT_BYTES = 16L << 30;
  private static final int ATTEMPTS = 3;
  private static final int DIGEST_CHARS = 24;

  /** The form of the images; another number makes all of them anew. */
  private static final String RECIPE = "root-image 1";

  /**
   * A file that changes twice within a tick of the host's clock keeps its time, so nothing younger
   * than some ticks is trusted.
   */
  private static final long SETTLED_MILLIS = 40;

  private final Ext4Builder builder;
  private final Path directory;
  private final Path cache;
  private final Progress progress;
  private final long keptBytes;

  /** The images of a cache, which also gives mke2fs. */
  public RootImages(PackageCache cache) {
    this(
        cache.options().directory(),
        cache.imageTools().mke2fs(),
        cache.options().progress(),
        KEPT_BYTES);
  }

  RootImages(Path cache, Tool mke2fs, Progress progress, long keptBytes) {
    this.cache = cache;
    this.directory = new Layout(cache).roots();
    this.progress = progress;
    this.keptBytes = keptBytes;
    this.builder = new Ext4Builder(mke2fs);
  }

  /**
   * An image that is ready.
   *
   * @param file raw, an ext4 file system from the first to the last byte; never to be written to
   * @param notes what of the directory is not in it, one clause each; only when it was made just
   *     now
   */
  public record RootImage(Path file, List<String> notes) {
    /** Copies the list. */
    public RootImage {
      notes = List.copyOf(notes);
    }
  }

  /**
   * The image of a directory, made if the cache has none of its present contents.
   *
   * @param skipUnreadable leave out what this user may not read, with a note
   * @throws ImagesException BAD_INPUT when it is no directory or keeps changing; IO naming a file
   *     that cannot be read
   */
  public RootImage obtain(Path root, boolean skipUnreadable) {
    try {
      if (!Files.isDirectory(root)) {
        throw new ImagesException(
            ImagesException.Kind.BAD_INPUT,
            root + (Files.exists(root) ? " is no directory." : " does not exist."));
      }
      Path real = root.toRealPath();
      Files.createDirectories(directory);
      Path excluded = cache.toRealPath();
      for (int attempt = 1; ; attempt++) {
        Found found = settled(real, excluded, skipUnreadable);
        String digest = Fingerprint.of(found, RECIPE + " " + skipUnreadable);
        Path image = directory.resolve(digest.substring(0, DIGEST_CHARS) + ".ext4");
        if (Files.exists(image)) {
          Files.setLastModifiedTime(image, now());
          return new RootImage(image, List.of());
        }
        try {
          return make(real, excluded, skipUnreadable, found, image, digest);
        } catch (RootTar.ChangedException e) {
          if (attempt == ATTEMPTS) {
            throw new ImagesException(
                ImagesException.Kind.BAD_INPUT,
                root + " keeps changing while it is packed: " + e.getMessage() + ".",
                e);
          }
        }
      }
    } catch (IOException e) {
      throw ImagesException.io("pack", root, e);
    }
  }

  private static FileTime now() {
    return FileTime.fromMillis(System.currentTimeMillis());
  }

  private static Found settled(Path root, Path excluded, boolean skip) {
    Found found = DirectoryScan.of(root, excluded, skip);
    long newest = TimeUnit.NANOSECONDS.toMillis(Fingerprint.newest(found));
    long age = System.currentTimeMillis() - newest;
    if (age < 0 || age > SETTLED_MILLIS) {
      return found;
    }
    try {
      Thread.sleep(SETTLED_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return DirectoryScan.of(root, excluded, skip);
  }

  private RootImage make(
      Path root, Path excluded, boolean skip, Found found, Path image, String digest)
      throws IOException {
    Path work = Files.createTempDirectory(directory, "new-");
    try {
      Path fresh = work.resolve("root.ext4");
      List<String> notes = new ArrayList<>(found.notes());
      long total = RootSize.contents(found);
      String name = root.toString();
      progress.update(Progress.Phase.BUILD, name, 0, total);
      builder.build(
          out ->
              new RootTar(
                      out,
                      Ext4Options.ofSize(RootSize.of(found)).epochSeconds(),
                      skip,
                      notes,
                      done -> progress.update(Progress.Phase.BUILD, name, done, total))
                  .write(MountPoints.added(found)),
          RootSize.inodes(found),
          Ext4Options.ofSize(RootSize.of(found)),
          fresh);
      Found after = DirectoryScan.of(root, excluded, skip);
      if (!Fingerprint.of(after, RECIPE + " " + skip).equals(digest)) {
        throw new RootTar.ChangedException(firstDifference(found, after));
      }
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("r--r--r--"));
      Files.move(fresh, image, StandardCopyOption.ATOMIC_MOVE);
      prune(image);
      return new RootImage(image, notes);
    } finally {
      PathUtils.deleteDirectory(work, StandardDeleteOption.OVERRIDE_READ_ONLY);
    }
  }

  private static Item firstDifference(Found before, Found after) {
    for (int i = 0; i < Math.min(before.items().size(), after.items().size()); i++) {
      if (!before.items().get(i).equals(after.items().get(i))) {
        return before.items().get(i);
      }
    }
    return before.items().size() > after.items().size()
        ? before.items().get(after.items().size())
        : after.items().size() > before.items().size()
            ? after.items().get(before.items().size())
            : before.top();
  }

  /** Forgets the images that were not used for longest, and never the one that is to be used. */
  private void prune(Path keep) throws IOException {
    List<Path> images;
    try (Stream<Path> files = Files.list(directory)) {
      images =
          files
              .filter(file -> file.toString().endsWith(".ext4") && !file.equals(keep))
              .sorted(Comparator.comparing(RootImages::lastUse).reversed())
              .toList();
    }
    long held = held(keep);
    for (Path image : images) {
      held += held(image);
      if (held > keptBytes) {
        Files.deleteIfExists(image);
      }
    }
  }

  private static FileTime lastUse(Path image) {
    try {
      return Files.getLastModifiedTime(image);
    } catch (IOException e) {
      return FileTime.fromMillis(0);
    }
  }

  /** What a sparse image takes of the host's disk, about. */
  private static long held(Path image) throws IOException {
    return Files.exists(image) ? Math.max(0, Files.size(image) - FREE_BYTES) : 0;
  }
}
