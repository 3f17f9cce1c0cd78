package dev.monoceros.images.tree;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An immutable tree of files. Iteration is by path in code-unit order, so a directory comes before
 * what is in it and the same tree always gives the same sequence.
 */
public final class FileTree {
  private static final int DIRECTORY_MODE = 0755;
  private static final int MODE_LIMIT = 07777;

  private final SortedMap<String, Node> nodes;

  private FileTree(SortedMap<String, Node> nodes) {
    this.nodes = Collections.unmodifiableSortedMap(nodes);
  }

  /** An empty builder. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Path to node; paths are relative, without leading or trailing slash, and the root itself is not
   * among them.
   */
  public Map<String, Node> nodes() {
    return nodes;
  }

  /** A builder that starts with everything in this tree. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.nodes.putAll(nodes);
    return builder;
  }

  /**
   * Collects nodes. Everything belongs to root; missing parents appear as directories of mode 0755.
   * A later node replaces an earlier one.
   */
  public static final class Builder {
    private final SortedMap<String, Node> nodes = new TreeMap<>();

    private Builder() {}

    /** A directory of mode 0755. */
    public Builder directory(String path) {
      return add(path, new Node.Directory(DIRECTORY_MODE, 0, 0));
    }

    /** A file with this text. */
    public Builder file(String path, String text, int mode) {
      return add(path, new Node.RegularFile(FileContent.of(text), mode, 0, 0));
    }

    /** A file with these bytes. */
    public Builder file(String path, byte[] bytes, int mode) {
      return add(path, new Node.RegularFile(FileContent.of(bytes), mode, 0, 0));
    }

    /** A copy of a host file. */
    public Builder file(String path, Path source, int mode) {
      return add(path, new Node.RegularFile(FileContent.of(source), mode, 0, 0));
    }

    /** A symbolic link. */
    public Builder symlink(String path, String target) {
      return add(path, new Node.Symlink(target, 0, 0));
    }

    /** A character device. */
    public Builder characterDevice(String path, int major, int minor, int mode) {
      return add(path, new Node.Device(Node.Device.Type.CHARACTER, major, minor, mode, 0, 0));
    }

    /**
     * Any node.
     *
     * @param path relative, or absolute and taken as relative
     * @throws IllegalArgumentException for an empty path, one with {@code .} or {@code ..} in it, a
     *     parent that is no directory, or a mode outside 0 to 07777
     */
    public Builder add(String path, Node node) {
      String clean = clean(path);
      if (node.mode() < 0 || node.mode() > MODE_LIMIT) {
        throw new IllegalArgumentException("mode out of range for " + path);
      }
      addParents(clean);
      nodes.put(clean, node);
      return this;
    }

    /** The finished tree; the builder may go on. */
    public FileTree build() {
      return new FileTree(new TreeMap<>(nodes));
    }

    private void addParents(String path) {
      for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
        String parent = path.substring(0, slash);
        Node existing = nodes.putIfAbsent(parent, new Node.Directory(DIRECTORY_MODE, 0, 0));
        if (existing != null && !(existing instanceof Node.Directory)) {
          throw new IllegalArgumentException(
              parent + " is not a directory, so there is no place for " + path);
        }
      }
    }

    private static String clean(String path) {
      String clean = path.replaceFirst("^/+", "").replaceFirst("/+$", "");
      for (String part : clean.split("/", -1)) {
        if (part.isEmpty() || part.equals(".") || part.equals("..")) {
          throw new IllegalArgumentException("not a path below the root: " + path);
        }
      }
      return clean;
    }
  }
}
