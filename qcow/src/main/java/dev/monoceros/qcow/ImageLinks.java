package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import dev.monoceros.qcow.io.OrderedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Follows the names in an image's header to its other files, as far as the {@link BackingPolicy}
 * lets it. One for each image that is opened; it knows the images above it in the chain.
 */
final class ImageLinks {
  /** Most images in a chain. QEMU has no limit but the stack; more than this is a mistake. */
  static final int MAX_CHAIN = 200;

  private final FileSource files;
  private final BackingPolicy policy;
  private final List<Object> chain;

  private ImageLinks(FileSource files, BackingPolicy policy, List<Object> chain) {
    this.files = files;
    this.policy = policy;
    this.chain = chain;
  }

  /** For the image that the user opens. */
  static ImageLinks top(FileSource files, Path path, BackingPolicy policy) {
    return new ImageLinks(files, policy, List.of(keyOf(path)));
  }

  FileSource files() {
    return files;
  }

  /** Device and inode where the host has them, so that links lead to the same key. */
  private static Object keyOf(Path path) {
    try {
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      return key != null ? key : path.toRealPath();
    } catch (IOException e) {
      // Not a file of the host. Its name is all there is to know it by.
      return path;
    }
  }

  /**
   * Opens the image below, or none where the header names none or the policy ignores it.
   *
   * @param image path of the image that names it
   */
  Below below(Path image, Header.Names names, OpenOptions options) throws ImageFault {
    if (names.backing().isEmpty() || policy == BackingPolicy.IGNORE) {
      return new Below(null, names.backing().isPresent());
    }
    String name = names.backing().orElseThrow();
    if (policy == BackingPolicy.REFUSE) {
      throw refused("needs the backing file '" + printable(name) + "', which may not be opened");
    }
    if (policy == BackingPolicy.SAME_DIRECTORY && names.backingFormat().isEmpty()) {
      throw refused(
          "needs the backing file '" + printable(name) + "' and does not say what format it has");
    }
    requirePlainName(name);
    try {
      return new Below(openBacking(image, name, names, options), true);
    } catch (ImageFault e) {
      throw e.kind() == ErrorKind.UNSUPPORTED && e.offset() == HeaderField.BACKING_FILE_OFFSET
          ? e
          : e.within("Could not open backing file");
    }
  }

  private BaseImage openBacking(Path image, String name, Header.Names names, OpenOptions options)
      throws ImageFault {
    Path path = beside(image, name);
    Path file = policy == BackingPolicy.SAME_DIRECTORY ? inside(image, path, name) : path;
    Object key = keyOf(file);
    if (chain.contains(key)) {
      throw ImageFault.corrupt(
          HeaderField.BACKING_FILE_OFFSET,
          "Backing file '" + printable(name) + "' creates an infinite loop.");
    }
    if (chain.size() >= MAX_CHAIN) {
      throw refused("has more than " + MAX_CHAIN + " images in its backing chain");
    }
    List<Object> longer = new ArrayList<>(chain);
    longer.add(key);
    OpenOptions below =
        OpenOptions.defaults()
            .withFormat(format(names))
            .withReadOnly(true)
            .withBacking(policy)
            .withForceShare(options.forceShare())
            .withClock(options.clock())
            .withCacheCleanInterval(options.cacheCleanInterval());
    ImageFile opened = open(file, path, false);
    return ImageOpener.openImage(path, opened, below, new ImageLinks(files, policy, longer));
  }

  private static ImageFormat format(Header.Names names) throws ImageFault {
    String name = names.backingFormat().orElse(ImageFormat.PROBE.qemuName());
    for (ImageFormat format : ImageFormat.values()) {
      if (format.qemuName().equals(name)) {
        return format;
      }
    }
    throw new ImageFault(
        ErrorKind.UNSUPPORTED, ImageFault.NO_OFFSET, "Unknown driver '" + printable(name) + "'");
  }

  /** Opens the external data file. */
  OrderedFile dataFile(Path image, Header header, OpenOptions options) throws ImageFault {
    boolean writable = !options.fileReadOnly();
    if (options.dataFile().isPresent()) {
      Path given = options.dataFile().orElseThrow();
      return new OrderedFile(open(given, given, writable));
    }
    String name =
        header
            .names()
            .dataFile()
            .orElseThrow(
                () ->
                    ImageFault.corrupt(
                        HeaderField.INCOMPATIBLE_FEATURES,
                        "'data-file' is required for this image"));
    return new OrderedFile(openData(image, name, writable));
  }

  /** QEMU takes the name from where it runs, not from where the image is. */
  private ImageFile openData(Path image, String name, boolean writable) throws ImageFault {
    requirePlainName(name);
    Path path = path(name);
    return switch (policy) {
      case ALLOW, IGNORE -> open(path, path, writable);
      case SAME_DIRECTORY -> {
        Path here = Files.exists(path) && isInside(image, path) ? path : beside(image, name);
        yield open(inside(image, here, name), here, writable);
      }
      case REFUSE ->
          throw refused("needs the data file '" + printable(name) + "', which may not be opened");
    };
  }

  private ImageFile open(Path file, Path shown, boolean writable) throws ImageFault {
    try {
      return files.open(file, writable);
    } catch (ImageFault e) {
      throw cannotOpen(shown, e);
    }
  }

  private static ImageFault cannotOpen(Path shown, ImageFault e) {
    String place = "Could not open '" + shown + "'";
    if (String.valueOf(e.getMessage()).startsWith(place)) {
      return e;
    }
    return switch (e.kind()) {
      case NOT_FOUND -> said(e, place + ": No such file or directory");
      case ACCESS_DENIED -> said(e, place + ": Permission denied");
      default -> e.within(place);
    };
  }

  private static ImageFault said(ImageFault e, String sentence) {
    return new ImageFault(e.kind(), ImageFault.NO_OFFSET, sentence);
  }

  /** A name is relative to the directory of the image that holds it, as it was opened. */
  private static Path beside(Path image, String name) throws ImageFault {
    return image.resolveSibling(path(name));
  }

  private static Path path(String name) throws ImageFault {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw ImageFault.corrupt(
          ImageFault.NO_OFFSET, "'" + printable(name) + "' is not a file name of this host");
    }
  }

  /** The file itself, links resolved, if it is in the image's directory or below. */
  private static Path inside(Path image, Path path, String name) throws ImageFault {
    if (Files.exists(path) && !isInside(image, path)) {
      throw refused(
          "needs the file '" + printable(name) + "', which is outside the directory of the image");
    }
    return path;
  }

  private static boolean isInside(Path image, Path path) throws ImageFault {
    try {
      Path directory = image.toAbsolutePath().getParent();
      return path.toRealPath().startsWith(directory.toRealPath());
    } catch (IOException e) {
      throw new ImageFault(
          ErrorKind.NOT_FOUND,
          ImageFault.NO_OFFSET,
          "Could not open '" + path + "': No such file or directory");
    }
  }

  /** "protocol:" before the first slash makes QEMU look for a driver of that name. */
  private static void requirePlainName(String name) throws ImageFault {
    int colon = name.indexOf(':');
    int slash = name.indexOf('/');
    if (colon >= 0 && (slash < 0 || colon < slash)) {
      throw refused("needs the file '" + printable(name) + "', which is not a plain file name");
    }
  }

  private static ImageFault refused(String sentence) {
    return ImageFault.unsupported(HeaderField.BACKING_FILE_OFFSET, sentence);
  }

  private static String printable(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }
}
