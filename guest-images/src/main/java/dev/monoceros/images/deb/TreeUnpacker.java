package dev.monoceros.images.deb;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Unpacks packages into one directory with the merged-/usr layout, whatever release they come from:
 * {@code lib}, {@code bin}, {@code sbin} and {@code lib64} land below {@code usr}. Ownership,
 * set-id bits and device nodes are dropped, and so is documentation. No entry can leave the
 * directory: names are checked, and absolute links are made to point into the tree.
 */
public final class TreeUnpacker {
  private static final Pattern MERGED_TOP =
      Pattern.compile("(bin|sbin|lib|lib32|lib64|libx32)(/.*)?");
  private static final Pattern SKIPPED =
      Pattern.compile("usr/share/(doc|man|info|locale|lintian|bug|doc-base)(/.*)?");

  private final Path root;

  /** Unpacks into an existing directory. */
  public TreeUnpacker(Path root) {
    try {
      this.root = root.toRealPath();
    } catch (IOException e) {
      throw ImagesException.io("unpack packages into", root, e);
    }
  }

  /** Adds one package; a file that an earlier package brought is replaced. */
  public void unpack(Path deb) {
    new DebFile(deb).forEachEntry((entry, content) -> place(deb, entry, content));
  }

  private void place(Path deb, TarArchiveEntry entry, InputStream content) throws IOException {
    String name = treeName(deb, entry.getName());
    if (name.isEmpty() || SKIPPED.matcher(name).matches()) {
      return;
    }
    Path target = realParent(deb, name).resolve(root.resolve(name).getFileName());
    switch (entry.getLinkFlag()) {
      case TarConstants.LF_DIR -> {
        if (!Files.isDirectory(target)) {
          Files.createDirectory(target);
        }
      }
      case TarConstants.LF_SYMLINK -> link(deb, target, entry.getLinkName());
      case TarConstants.LF_LINK -> {
        String other = treeName(deb, entry.getLinkName());
        Path existing = realParent(deb, other).resolve(root.resolve(other).getFileName());
        if (Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
          Files.deleteIfExists(target);
          Files.createLink(target, existing);
        }
      }
      case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM -> {
        Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(target, permissions(entry.getMode()));
      }
      default -> {
        // Devices and pipes: nothing here needs one.
      }
    }
  }

  private void link(Path deb, Path target, String destination) throws IOException {
    Path resolved =
        destination.startsWith("/")
            ? root.resolve(treeName(deb, destination))
            : target.getParent().resolve(destination).normalize();
    if (!resolved.startsWith(root)) {
      throw escapes(deb, destination);
    }
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.deleteIfExists(target);
    Files.createSymbolicLink(target, target.getParent().relativize(resolved));
  }

  /**
   * The directory an entry goes into, made if need be, after following the links that packages
   * brought: still in the tree.
   */
  private Path realParent(Path deb, String name) throws IOException {
    Path directory = root;
    Path parent = root.resolve(name).getParent();
    for (Path part : root.relativize(parent)) {
      if (part.toString().isEmpty()) {
        continue;
      }
      Path next = directory.resolve(part);
      if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(next);
      }
      if (!Files.exists(next)) {
        throw escapes(deb, name);
      }
      directory = next.toRealPath();
      if (!directory.startsWith(root)) {
        throw escapes(deb, name);
      }
    }
    return directory;
  }

  /** {@code ./lib/x} becomes {@code usr/lib/x}; a name with {@code ..} in it is refused. */
  private static String treeName(Path deb, String name) {
    String clean = name;
    while (clean.startsWith("./") || clean.startsWith("/")) {
      clean = clean.substring(clean.indexOf('/') + 1);
    }
    clean = clean.equals(".") ? "" : clean.replaceFirst("/+$", "");
    if (List.of(clean.split("/")).contains("..")) {
      throw escapes(deb, name);
    }
    return MERGED_TOP.matcher(clean).matches() ? "usr/" + clean : clean;
  }

  private static ImagesException escapes(Path deb, String name) {
    return new ImagesException(
        ImagesException.Kind.BAD_INPUT,
        deb.getFileName() + " has an entry that points out of its own tree: " + name + ".");
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions =
        EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    permissions.add(PosixFilePermission.GROUP_READ);
    permissions.add(PosixFilePermission.OTHERS_READ);
    if ((mode & 0111) != 0) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    return permissions;
  }
}
