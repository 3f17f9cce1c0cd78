package dev.monoceros.cli.disk;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.initramfs.ModuleFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code lib/modules/RELEASE} of a guest's root file system. */
public final class Ext4Modules implements ModuleFiles {
  private static final String MODULES = "lib/modules/";

  /** Deeper than any kernel's tree; a bound against file systems with circles. */
  private static final int DEEPEST = 12;

  private static final int MOST_FILES = 100_000;

  private final Ext4FileSystem files;
  private final String directory;

  private Ext4Modules(Ext4FileSystem files, String directory) {
    this.files = files;
    this.directory = directory;
  }

  /** Those of one kernel; empty if the file system has none for it. */
  public static Optional<Ext4Modules> of(Ext4FileSystem files, String release) throws IOException {
    String directory = MODULES + release;
    return files.isDirectory(directory)
        ? Optional.of(new Ext4Modules(files, directory))
        : Optional.empty();
  }

  /** The kernel releases for which a file system has modules. */
  public static List<String> releases(Ext4FileSystem files) throws IOException {
    return files.list(MODULES);
  }

  @Override
  public Optional<byte[]> read(String path) {
    try {
      return files.read(directory + "/" + path);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  @Override
  public List<String> modulePaths() {
    List<String> paths = new ArrayList<>();
    try {
      collect("kernel", 0, paths);
    } catch (IOException e) {
      throw unreadable("kernel", e);
    }
    return paths.stream().sorted().toList();
  }

  private void collect(String below, int depth, List<String> paths) throws IOException {
    for (String name : files.list(directory + "/" + below)) {
      String path = below + "/" + name;
      if (name.matches(".*\\.ko(\\.(gz|xz|zst))?")) {
        paths.add(path);
      } else if (depth < DEEPEST && paths.size() < MOST_FILES && name.indexOf('.') < 0) {
        collect(path, depth + 1, paths);
      }
    }
  }

  private ImagesException unreadable(String path, IOException e) {
    return new ImagesException(
        ImagesException.Kind.BAD_INPUT,
        "Cannot read " + directory + "/" + path + " of the disk: " + e.getMessage() + ".",
        e);
  }
}
