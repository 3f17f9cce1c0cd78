package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.graph.OptionReader.Known;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/** The driver {@code raw}: a file, or a part of one, as a disk. */
final class RawDriver {
  private static final String OFFSET = "offset";
  private static final String SIZE = "size";
  private static final int SECTOR = 512;

  private static final List<Known> KNOWN = OptionReader.known(Type.SIZE, OFFSET, SIZE);

  private RawDriver() {}

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    OptionReader reader = OptionReader.absorb(parts.options(), KNOWN);
    Node below = parts.requireFile();
    ImageFile file = below.asFile();
    OptionalLong size = reader.size(SIZE);
    long offset = reader.size(OFFSET).orElse(0);
    if (offset != 0 || size.isPresent()) {
      file = window(file, offset, size);
    }
    NodeName names = parts.nameOver(OFFSET, SIZE);
    try {
      DiskImage image =
          DiskImage.open(
              file,
              FormatOptions.of(parts, common, new PlainContext(names))
                  .withFormat(parts.probed() ? ImageFormat.PROBE : ImageFormat.RAW));
      return new Node(names, new Node.Body.OfImage(image));
    } catch (ImageException e) {
      throw e.asFault();
    }
  }

  private static ImageFile window(ImageFile file, long offset, OptionalLong size)
      throws ImageFault {
    long real = sectors(file);
    if (Long.compareUnsigned(offset, real) > 0) {
      throw GraphFault.bad(
          "Offset (%s) cannot be greater than size of the containing file (%d)"
              .formatted(Long.toUnsignedString(offset), real));
    }
    if (size.isPresent()) {
      long wanted = size.getAsLong();
      if (Long.compareUnsigned(real - offset, wanted) < 0) {
        throw GraphFault.bad(
            ("The sum of offset (%s) and size (%s) has to be smaller or equal to the  actual size"
                    + " of the containing file (%d)")
                .formatted(Long.toUnsignedString(offset), Long.toUnsignedString(wanted), real));
      }
      if (wanted % SECTOR != 0) {
        throw GraphFault.bad("Specified size is not multiple of 512");
      }
    }
    return new RawWindow(file, offset, size);
  }

  private static ImageFault noSize(IOException e) {
    return new ImageFault(
        ErrorKind.IO, ImageFault.NO_OFFSET, "Could not get image size: " + e.getMessage());
  }

  private static long sectors(ImageFile file) throws ImageFault {
    try {
      return Math.addExact(file.size(), SECTOR - 1) & -SECTOR;
    } catch (IOException e) {
      throw noSize(e);
    }
  }
}
