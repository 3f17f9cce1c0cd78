package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageInfo;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** An opened image and those below it, with the names that lead from one to the next. */
final class BackingChain {
  /**
   * One image of the chain.
   *
   * @param stored how the image above names it; the uppermost one has none
   * @param name the same, resolved against the directory of the image above
   */
  record Link(DiskImage image, Optional<String> stored, ImageName name) {}

  private final List<Link> links = new ArrayList<>();

  private BackingChain() {}

  /** Follows an image that was opened with its backing files. */
  static BackingChain of(ImageName name, DiskImage top) throws ImageException {
    BackingChain chain = new BackingChain();
    Link link = new Link(top, Optional.empty(), name);
    chain.links.add(link);
    Optional<DiskImage> below = top.backing();
    while (below.isPresent()) {
      ImageInfo info = link.image().info();
      String stored = info.backing().orElseThrow().name();
      String path = info.backingPath().orElse(stored);
      Optional<String> format = Optional.of(below.get().format().qemuName());
      link = new Link(below.get(), Optional.of(stored), new ImageName(path, format, false));
      chain.links.add(link);
      below = below.get().backing();
    }
    return chain;
  }

  /** How many images there are. */
  int size() {
    return links.size();
  }

  /** The image at that depth; 0 is the uppermost. */
  Link at(int depth) {
    return links.get(depth);
  }

  /**
   * The depth of the image that {@code name} means: as one of the images stores it, or a path that
   * leads to the same file, seen from here or from the directory of the image above it.
   */
  OptionalInt find(String name) {
    for (int i = 1; i < links.size(); i++) {
      Link link = links.get(i);
      if (link.stored().orElseThrow().equals(name)
          || link.name().name().equals(name)
          || sameFile(resolve(links.get(i - 1).name().name(), name), link.name().name())) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** A name as an image names it, seen from the directory of that image. */
  static String resolve(String image, String name) {
    if (name.startsWith("json:") || image.startsWith("json:")) {
      return name;
    }
    try {
      return Path.of(image).resolveSibling(name).toString();
    } catch (InvalidPathException e) {
      return name;
    }
  }

  private static boolean sameFile(String one, String other) {
    try {
      return Path.of(one).toRealPath().equals(Path.of(other).toRealPath());
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }
}
