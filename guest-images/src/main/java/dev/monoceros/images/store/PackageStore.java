package dev.monoceros.images.store;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageInfo;
import dev.monoceros.images.Progress;
import dev.monoceros.images.deb.TreeUnpacker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.io.file.PathUtils;

/** Packages by content and the trees unpacked from them. Callers that add hold the cache's lock. */
public final class PackageStore {
  private final Layout layout;
  private final Progress progress;

  /** A store in a cache directory. */
  public PackageStore(Layout layout, Progress progress) {
    this.layout = layout;
    this.progress = progress;
  }

  /** Whether a package's bytes are here. */
  public boolean has(PackageInfo wanted) {
    return Files.isRegularFile(layout.blob(wanted.sha256()));
  }

  /** Where a package's bytes are or would be. */
  public Path file(PackageInfo one) {
    return layout.blob(one.sha256());
  }

  /** Whether a package's bytes still have their SHA-256. */
  public boolean isWhole(PackageInfo one) {
    return hash(layout.blob(one.sha256())).equals(one.sha256());
  }

  /** Drops a package's bytes. */
  public void remove(PackageInfo one) {
    Path blob = layout.blob(one.sha256());
    try {
      Files.deleteIfExists(blob);
    } catch (IOException e) {
      throw ImagesException.io("delete", blob, e);
    }
  }

  /** Size of all files of a tree; 0 when there is none. */
  public long bytesBelow(Path tree) {
    try {
      return Files.isDirectory(tree) ? PathUtils.sizeOfDirectory(tree) : 0;
    } catch (IOException e) {
      throw ImagesException.io("measure", tree, e);
    }
  }

  /** A fresh directory for half-made things. What an earlier, broken run left there goes first. */
  public Path temporaryDirectory() {
    Path temporary = layout.temporary();
    try {
      if (Files.exists(temporary)) {
        PathUtils.deleteDirectory(temporary);
      }
      return Files.createDirectories(temporary);
    } catch (IOException e) {
      throw ImagesException.io("prepare", temporary, e);
    }
  }

  /**
   * Takes downloaded packages in, each only if its bytes have the SHA-256 that the signed index
   * gives.
   */
  public void addAll(Path downloads, List<PackageInfo> expected) {
    Map<String, Path> byHash = new LinkedHashMap<>();
    debs(downloads).forEach(file -> byHash.put(hash(file), file));
    for (PackageInfo wanted : expected) {
      Path file = byHash.remove(wanted.sha256());
      if (file == null) {
        throw new ImagesException(
            ImagesException.Kind.FETCH_FAILED,
            "The package "
                + wanted.name()
                + " "
                + wanted.version()
                + " was not delivered with the SHA-256 of the signed index.");
      }
      move(file, layout.blob(wanted.sha256()));
    }
  }

  private static List<Path> debs(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".deb")).sorted().toList();
    } catch (IOException e) {
      throw ImagesException.io("list", directory, e);
    }
  }

  /** Unpacks a set of packages into one tree, or finds it unpacked already. */
  public Path unpack(PackageInfo main, List<PackageInfo> packages) {
    Path tree = tree(main, packages);
    if (Files.isDirectory(tree)) {
      return tree;
    }
    Path half = temporaryDirectory().resolve("tree");
    long total = packages.stream().mapToLong(PackageInfo::size).sum();
    long done = 0;
    try {
      Files.createDirectories(half);
      TreeUnpacker unpacker = new TreeUnpacker(half);
      for (PackageInfo from : packages) {
        progress.update(Progress.Phase.UNPACK, from.name(), done, total);
        unpacker.unpack(verified(from));
        done += from.size();
      }
      progress.update(Progress.Phase.UNPACK, packages.getLast().name(), done, total);
      move(half, tree);
    } catch (IOException e) {
      throw ImagesException.io("unpack packages into", layout.trees(), e);
    }
    return tree;
  }

  /** Where a set's tree is or would be: named after its main package and the content of all. */
  public Path tree(PackageInfo main, List<PackageInfo> packages) {
    StringBuilder content = new StringBuilder();
    packages.forEach(from -> content.append(from.sha256()).append('\n'));
    String unique = Sha256.of(content.toString()).substring(0, 12);
    return layout.tree(
        main.name()
            + "_"
            + main.version().replace(':', '~')
            + "_"
            + main.architecture()
            + "-"
            + unique);
  }

  private Path verified(PackageInfo from) {
    Path blob = layout.blob(from.sha256());
    if (!isWhole(from)) {
      throw new ImagesException(
          ImagesException.Kind.IO,
          "The cached package " + from.name() + " is damaged: delete " + blob + " and try again.");
    }
    return blob;
  }

  private static String hash(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      return Sha256.of(stream);
    } catch (IOException e) {
      throw ImagesException.io("read", file, e);
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw ImagesException.io("write", to, e);
    }
  }
}
