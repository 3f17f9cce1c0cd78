package dev.monoceros.images.root;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What is in a directory, without reading any file. Stays on its file system; sockets are left out,
 * and so is what lies in the top directories that the guest mounts something over.
 */
final class DirectoryScan {
  /** Mount points of every guest; made where the directory lacks them. */
  static final Set<String> MOUNTED_OVER = Set.of("dev", "proc", "run", "sys", "tmp");

  private static final String ATTRIBUTES =
      "unix:mode,dev,ino,nlink,rdev,uid,gid,size,lastModifiedTime,ctime";
  private static final int TYPE = 0170000;
  private static final int PERMISSIONS = 07777;

  private final Path top;
  private final Path excluded;
  private final boolean skipUnreadable;
  private final Owners owners = Owners.ofProcess();
  private final List<Item> items = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Map<Long, String> firstNames = new TreeMap<>();
  private long device;

  private DirectoryScan(Path top, Path excluded, boolean skipUnreadable) {
    this.top = top;
    this.excluded = excluded;
    this.skipUnreadable = skipUnreadable;
  }

  /**
   * What was found.
   *
   * @param top the directory itself
   * @param items all below it, a directory before what is in it, in the order of the paths' bytes
   * @param notes what was left out, in words
   */
  record Found(Item top, List<Item> items, List<String> notes) {}

  /**
   * Looks at everything.
   *
   * @param excluded a directory that is not looked into: the cache, which the image itself is in
   * @param skipUnreadable leave out directories that this user may not read, with a note
   * @throws ImagesException naming what cannot be read
   */
  static Found of(Path directory, Path excluded, boolean skipUnreadable) {
    DirectoryScan scan = new DirectoryScan(directory, excluded, skipUnreadable);
    try {
      return scan.all();
    } catch (DirectoryIteratorException e) {
      throw ImagesException.io("read", directory, e.getCause());
    } catch (IOException e) {
      throw ImagesException.io("read", directory, e);
    }
  }

  private Found all() throws IOException {
    Map<String, Object> attributes = attributes(top);
    device = (Long) attributes.get("dev");
    Item root = item("", top, attributes);
    Deque<Item> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      Item directory = open.removeLast();
      List<Item> children = children(directory);
      for (Item child : children.reversed()) {
        if (child.kind() == Item.Kind.DIRECTORY && isEntered(child)) {
          open.add(child);
        }
      }
      items.addAll(children);
    }
    items.sort(Comparator.comparing(Item::path));
    return new Found(root, hardLinks(), notes);
  }

  private boolean isEntered(Item directory) {
    return directory.source() != null
        && !MOUNTED_OVER.contains(directory.path())
        && !directory.source().equals(excluded);
  }

  private List<Item> children(Item directory) throws IOException {
    List<Item> children = new ArrayList<>();
    String prefix = directory.path().isEmpty() ? "" : directory.path() + "/";
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory.source())) {
      for (Path path : stream) {
        Map<String, Object> attributes = attributes(path);
        String name = prefix + RawName.of(path.getFileName());
        Item item = item(name, path, attributes);
        if (item == null) {
          continue;
        }
        if (item.kind() == Item.Kind.DIRECTORY && device != (Long) attributes.get("dev")) {
          if (!MOUNTED_OVER.contains(name)) {
            notes.add(name + " is another file system and empty in the guest");
          }
          item = item.mountPoint();
        }
        children.add(item);
      }
    } catch (AccessDeniedException e) {
      if (!skipUnreadable) {
        throw e;
      }
      notes.add(directory.path() + " may not be read and is empty in the guest");
    }
    return children;
  }

  private static Map<String, Object> attributes(Path path) throws IOException {
    return Files.readAttributes(path, ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
  }

  /** Null for a socket, which is of no use without the process behind it. */
  private Item item(String name, Path path, Map<String, Object> attributes) throws IOException {
    int mode = (Integer) attributes.get("mode");
    Item.Kind kind =
        switch (mode & TYPE) {
          case 0040000 -> Item.Kind.DIRECTORY;
          case 0100000 -> Item.Kind.FILE;
          case 0120000 -> Item.Kind.SYMLINK;
          case 0010000 -> Item.Kind.FIFO;
          case 0020000 -> Item.Kind.CHARACTER_DEVICE;
          case 0060000 -> Item.Kind.BLOCK_DEVICE;
          default -> null;
        };
    if (kind == null) {
      return null;
    }
    String target = null;
    if (kind == Item.Kind.SYMLINK) {
      target = RawName.of(Files.readSymbolicLink(path));
    } else if (kind == Item.Kind.FILE && (Integer) attributes.get("nlink") > 1) {
      target = attributes.get("ino").toString();
    }
    return new Item(
        name,
        path,
        kind,
        mode & PERMISSIONS,
        owners.user((Integer) attributes.get("uid")),
        owners.group((Integer) attributes.get("gid")),
        kind == Item.Kind.FILE ? (Long) attributes.get("size") : 0,
        (Long) attributes.get("rdev"),
        nanos(attributes.get("lastModifiedTime")),
        nanos(attributes.get("ctime")),
        target);
  }

  private static long nanos(Object time) {
    return ((FileTime) time).to(TimeUnit.NANOSECONDS);
  }

  /** Of the names of one file, the first in order stands for it and the others lead to that. */
  private List<Item> hardLinks() {
    List<Item> linked = new ArrayList<>(items.size());
    for (Item item : items) {
      if (item.kind() != Item.Kind.FILE || item.target() == null) {
        linked.add(item);
        continue;
      }
      String first = firstNames.putIfAbsent(Long.parseLong(item.target()), item.path());
      linked.add(
          first == null
              ? item.linkedTo(Item.Kind.FILE, null)
              : item.linkedTo(Item.Kind.HARD_LINK, first));
    }
    return linked;
  }
}
