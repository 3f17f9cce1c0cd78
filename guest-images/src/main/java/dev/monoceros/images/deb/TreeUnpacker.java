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
    this.root = root.toAbsolutePath().normalize();
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
    Path target = root.resolve(name);
    if (entry.isDirectory()) {
      if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(target);
      }
      return;
    }
    if (entry.isSymbolicLink()) {
      link(deb, target, entry.getLinkName());
    } else if (entry.isLink()) {
      Path existing = root.resolve(treeName(deb, entry.getLinkName()));
      if (Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
        replaceable(target);
        Files.createLink(target, existing);
      }
    } else if (entry.isFile()) {
      replaceable(target);
      Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(target, permissions(entry.getMode()));
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
    replaceable(target);
    Files.createSymbolicLink(target, target.getParent().relativize(resolved));
  }

  private static void replaceable(Path target) throws IOException {
    Files.createDirectories(target.getParent());
    Files.deleteIfExists(target);
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
