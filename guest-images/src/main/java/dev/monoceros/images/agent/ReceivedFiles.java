package dev.monoceros.images.agent;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.root.RawName;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Unpacks the archive of one file or directory that a guest wrote, as far as it can be trusted:
 * nothing is written outside the target and no link of it leads out. Modes without set-id bits and
 * times are kept; owners are not; device nodes, pipes and sockets are left out.
 */
public final class ReceivedFiles {
  private static final int MOST_NOTES = 5;
  private static final PosixFilePermission[] BITS = {
    PosixFilePermission.OTHERS_EXECUTE,
    PosixFilePermission.OTHERS_WRITE,
    PosixFilePermission.OTHERS_READ,
    PosixFilePermission.GROUP_EXECUTE,
    PosixFilePermission.GROUP_WRITE,
    PosixFilePermission.GROUP_READ,
    PosixFilePermission.OWNER_EXECUTE,
    PosixFilePermission.OWNER_WRITE,
    PosixFilePermission.OWNER_READ
  };

  private final Path target;
  private final Map<Path, TarArchiveEntry> directories = new LinkedHashMap<>();
  private final Map<String, Path> files = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();
  private int leftOut;

  private ReceivedFiles(Path target) {
    this.target = target;
  }

  /**
   * Unpacks.
   *
   * @param archive a tar archive with one top entry, followed by anything
   * @param target what that entry becomes; a directory that exists is added to
   * @return what was left out, one clause each
   * @throws ImagesException BAD_INPUT when the archive is refused, IO when the host refuses
   */
  public static List<String> unpack(Path archive, Path target) {
    ReceivedFiles received = new ReceivedFiles(target);
    try {
      ArchiveScreen.check(archive);
      try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
          TarArchiveInputStream tar =
              new TarArchiveInputStream(file, StandardCharsets.ISO_8859_1.name())) {
        for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
          received.place(entry, tar);
        }
      }
      received.finishDirectories();
    } catch (IOException e) {
      throw ImagesException.io("write", target, e);
    } catch (IllegalArgumentException e) {
      throw ArchiveScreen.refused("a header of it is damaged");
    }
    if (received.leftOut > MOST_NOTES) {
      received.notes.add("and " + (received.leftOut - MOST_NOTES) + " more");
    }
    return received.notes;
  }

  private void place(TarArchiveEntry entry, InputStream content) throws IOException {
    List<String> names = names(entry.getName());
    Path path = locate(names);
    switch (entry.getLinkFlag()) {
      case TarConstants.LF_DIR -> {
        if (!Files.isDirectory(path, links(names))) {
          Files.createDirectory(path);
        }
        directories.put(path, entry);
      }
      case TarConstants.LF_OLDNORM, TarConstants.LF_NORMAL -> {
        Files.deleteIfExists(path);
        try (OutputStream out = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW)) {
          content.transferTo(out);
        }
        finish(path, entry);
        files.put(String.join("/", names), path);
      }
      case TarConstants.LF_LINK -> {
        Path other = files.get(String.join("/", names(entry.getLinkName())));
        if (other == null) {
          leaveOut(names, "a link to nothing that was copied");
        } else {
          Files.deleteIfExists(path);
          Files.createLink(path, other);
        }
      }
      case TarConstants.LF_SYMLINK -> link(names, path, entry.getLinkName());
      default -> leaveOut(names, "neither a file nor a directory nor a link");
    }
  }

  /** The target itself may be a link that the user has there. */
  private static LinkOption[] links(List<String> names) {
    return names.isEmpty() ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
  }

  /** The names below the top entry, whatever that is called. */
  private static List<String> names(String path) {
    List<String> all = Arrays.asList(path.split("/", -1));
    List<String> below =
        all.subList(1, all.size()).stream().filter(n -> !n.isEmpty() && !n.equals(".")).toList();
    if (below.contains("..") || path.indexOf('\0') >= 0) {
      throw ArchiveScreen.refused("it has an entry that points out of its own tree");
    }
    return below;
  }

  /** Where it goes; every directory on the way is a directory and no link. */
  private Path locate(List<String> names) {
    Path path = target;
    for (int i = 0; i < names.size(); i++) {
      if (!Files.isDirectory(path, links(names.subList(0, i)))) {
        throw ArchiveScreen.refused("it has a file below what is no directory");
      }
      path = RawName.below(path, names.get(i));
    }
    return path;
  }

  /**
   * A link may climb first, at most to the target, and then only descend: what it descends through
   * are real directories, or links of the same kind.
   */
  private void link(List<String> names, Path path, String destination) throws IOException {
    List<String> parts =
        Arrays.stream(destination.split("/", -1))
            .filter(part -> !part.isEmpty() && !part.equals("."))
            .toList();
    int climbs = 0;
    while (climbs < parts.size() && parts.get(climbs).equals("..")) {
      climbs++;
    }
    List<String> descent = parts.subList(climbs, parts.size());
    if (names.isEmpty()
        || destination.startsWith("/")
        || destination.indexOf('\0') >= 0
        || climbs > names.size() - 1
        || descent.contains("..")) {
      leaveOut(names, "a link that leads out of it");
      return;
    }
    Path relative = Path.of("");
    for (String part : parts) {
      relative = RawName.below(relative, part);
    }
    Files.deleteIfExists(path);
    Files.createSymbolicLink(path, parts.isEmpty() ? Path.of(".") : relative);
  }

  private void leaveOut(List<String> names, String why) {
    leftOut++;
    if (leftOut <= MOST_NOTES) {
      notes.add(String.join("/", names).replaceAll("[^ -~]", "?") + " is " + why);
    }
  }

  private static void finish(Path path, TarArchiveEntry entry) throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < BITS.length; bit++) {
      if ((entry.getMode() >> bit & 1) != 0) {
        permissions.add(BITS[bit]);
      }
    }
    Files.setPosixFilePermissions(path, permissions);
    Files.setLastModifiedTime(path, FileTime.from(entry.getLastModifiedTime().toInstant()));
  }

  /** Last and from within, for they may forbid writing, and writing changes their times. */
  private void finishDirectories() throws IOException {
    for (Map.Entry<Path, TarArchiveEntry> entry : List.copyOf(directories.entrySet()).reversed()) {
      boolean top = entry.getKey().equals(target);
      if (top || Files.isDirectory(entry.getKey(), LinkOption.NOFOLLOW_LINKS)) {
        finish(entry.getKey(), entry.getValue());
      }
    }
  }
}
