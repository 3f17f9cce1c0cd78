package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Encryption;
import dev.monoceros.qcow.format.FormatProbe;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.HeaderParser;
import dev.monoceros.qcow.format.LuksHeader;
import dev.monoceros.qcow.format.Qcow1Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.HostFile;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import dev.monoceros.qcow.io.OrderedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/** Opens images: file, format, header, caches, overlay; on failure nothing stays open. */
final class ImageOpener {
  private ImageOpener() {}

  static DiskImage open(Path path, OpenOptions options) throws ImageException {
    ImageFile file;
    try {
      CreateChecks.require(
          !options.forceShare() || options.fileReadOnly(),
          "force-share=on can only be used with read-only images");
      file = HostFile.open(path, !options.fileReadOnly(), !options.forceShare());
    } catch (ImageFault e) {
      throw ImageException.of(path, Operation.OPEN, e);
    }
    return open(file, options);
  }

  static DiskImage open(ImageFile file, OpenOptions options) throws ImageException {
    return open(file, options, (p, writable) -> HostFile.open(p, writable, !options.forceShare()));
  }

  /**
   * Opens an image whose other files come from {@code files}.
   *
   * @param file closed with the image, or on failure
   */
  static DiskImage open(ImageFile file, OpenOptions options, FileSource files)
      throws ImageException {
    Path path = file.path();
    try {
      ImageLinks links = ImageLinks.top(files, path, options.backing());
      BaseImage image = openImage(path, file, options, links);
      options.context().ifPresent(image::standIn);
      if (!options.snapshot()) {
        return image;
      }
      BaseImage overlay = new OverlayImage(path, image, options.readOnly(), options.overlayLimit());
      options.context().ifPresent(overlay::standIn);
      return overlay;
    } catch (ImageFault e) {
      throw ImageException.of(path, Operation.OPEN, e);
    }
  }

  /**
   * Opens an image and those below it.
   *
   * @param path what to call it
   * @param file closed with the image, or on failure
   */
  static BaseImage openImage(Path path, ImageFile file, OpenOptions options, ImageLinks links)
      throws ImageFault {
    try {
      return openFormat(path, new OrderedFile(file), options, links);
    } catch (ImageFault | RuntimeException e) {
      close(file, e);
      throw e;
    }
  }

  private static BaseImage openFormat(
      Path path, OrderedFile file, OpenOptions options, ImageLinks links) throws ImageFault {
    return switch (options.format()) {
      case QCOW2 -> openQcow2(path, file, options, links);
      case RAW -> new RawImage(path, file, options, false);
      case QCOW -> openQcow1(path, file, options, links);
      case PROBE -> {
        String found = FormatProbe.probe(start(file, FormatProbe.SECTOR));
        yield switch (found) {
          case FormatProbe.QCOW ->
              Qcow1Header.matches(start(file, FormatProbe.SECTOR))
                  ? openQcow1(path, file, options, links)
                  : openQcow2(path, file, options, links);
          case FormatProbe.RAW -> new RawImage(path, file, options, true);
          default ->
              throw ImageFault.unsupported(
                  0, "is a " + found + " image, a format that is not supported");
        };
      }
    };
  }

  /** Lets an encrypted image pass if it is only to be described. */
  private static Optional<LuksHeader> encryption(
      OrderedFile file, Header header, OpenOptions options) throws ImageFault {
    boolean luks = header.encryption() == Encryption.LUKS;
    if (luks && options.context().isPresent()) {
      LuksHeader.require(header);
    }
    requireDescription(options, HeaderField.CRYPT_METHOD, header.encryption());
    return luks ? Optional.of(LuksHeader.read(file, header)) : Optional.empty();
  }

  private static void requireDescription(OpenOptions options, int offset, Encryption method)
      throws ImageFault {
    if (!options.describeOnly()) {
      throw DescribedImage.refusal(offset, method, options.context().isPresent());
    }
  }

  private static BaseImage openQcow1(
      Path path, OrderedFile file, OpenOptions options, ImageLinks links) throws ImageFault {
    int needed = Qcow1Header.needed(start(file, Qcow1Header.LENGTH), file.size());
    Qcow1Header header = Qcow1Header.parse(start(file, needed), file.size());
    if (header.encrypted()) {
      requireDescription(options, Qcow1Header.CRYPT_METHOD, Encryption.AES);
    }
    Header.Names names = new Header.Names(header.backing(), Optional.empty(), Optional.empty());
    Below below = below(path, names, options, links);
    try {
      Qcow1Image image = Qcow1Image.open(path, file, header, below, options.fileReadOnly());
      return header.encrypted()
          ? DescribedImage.of(image, Encryption.AES, Optional.empty())
          : image;
    } catch (ImageFault | RuntimeException e) {
      closeQuietly(below::close, e);
      throw e;
    }
  }

  private static BaseImage openQcow2(
      Path path, OrderedFile file, OpenOptions options, ImageLinks links) throws ImageFault {
    if (file.size() == 0) {
      throw new ImageFault(ErrorKind.WRONG_FORMAT, 0, "Image is not in qcow2 format");
    }
    if (options.forCheck()) {
      // Everything else that is wrong with the header is for the check to say.
      ByteBuffer start = start(file, 1 << Geometry.MIN_CLUSTER_BITS);
      if (HeaderParser.encryption(start) != Encryption.NONE) {
        int length = HeaderParser.clusterSize(start);
        encryption(file, HeaderParser.parse(start(file, length), file.size()), options);
      }
      return CheckOnlyImage.open(path, file, options);
    }
    // The smallest cluster holds every fixed field of the header.
    int clusterSize = HeaderParser.clusterSize(start(file, 1 << Geometry.MIN_CLUSTER_BITS));
    Header header = HeaderParser.parse(start(file, clusterSize), file.size());
    Encryption method = header.encryption();
    Optional<LuksHeader> luks = Optional.empty();
    if (method != Encryption.NONE) {
      luks = encryption(file, header, options);
    }
    if (header.dirty() && !options.fileReadOnly()) {
      Checks.repairDirty(file);
      header = HeaderParser.parse(start(file, clusterSize), file.size());
    }
    OrderedFile data = header.externalData() ? dataFile(path, header, options, links) : file;
    try {
      Below below = below(path, header.names(), options, links);
      try {
        Qcow2Image image =
            Qcow2Image.open(path, new Qcow2Files(file, data), header, below, options);
        return method == Encryption.NONE ? image : DescribedImage.of(image, method, luks);
      } catch (ImageFault | RuntimeException e) {
        closeQuietly(below::close, e);
        throw e;
      }
    } catch (ImageFault | RuntimeException e) {
      if (data != file) {
        closeQuietly(data::close, e);
      }
      throw e;
    }
  }

  private static OrderedFile dataFile(
      Path path, Header header, OpenOptions options, ImageLinks links) throws ImageFault {
    if (options.context().isEmpty()) {
      return links.dataFile(path, header, options);
    }
    try {
      NodeContext graph = options.context().orElseThrow();
      return new OrderedFile(graph.openDataFile(header.names().dataFile(), options.fileReadOnly()));
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  private static Below below(Path path, Header.Names names, OpenOptions options, ImageLinks links)
      throws ImageFault {
    if (options.context().isEmpty()) {
      return links.below(path, names, options);
    }
    try {
      NodeContext graph = options.context().orElseThrow();
      Optional<BackingReference> stored = Qcow2Image.backingReference(names);
      Optional<DiskImage> image = graph.openBacking(stored);
      return new Below(
          image.map(found -> WrappedImage.of(path, found)).orElse(null),
          stored.isPresent() || image.isPresent());
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  /** The first {@code length} bytes of the file, or all of a shorter one. */
  private static ByteBuffer start(OrderedFile file, int length) throws ImageFault {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, file.size()));
    file.read(bytes, 0);
    return bytes.flip();
  }

  private static void close(ImageFile file, Exception failure) {
    closeQuietly(file::close, failure);
  }

  private static void closeQuietly(Closing closing, Exception failure) {
    try {
      closing.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private interface Closing {
    void close() throws IOException;
  }
}
