package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ImageFault;

/**
 * The driver {@code preallocate}. What it would add to the file beyond its end goes again when the
 * node is closed, so the same file results without.
 */
final class PreallocateDriver {
  private static final String ALIGN = "prealloc-align";
  private static final String SIZE = "prealloc-size";
  private static final long DEFAULT_ALIGN = 1 << 20;
  private static final int SECTOR = 512;

  private PreallocateDriver() {}

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    Node below = parts.requireFile();
    OptionReader reader =
        OptionReader.absorb(parts.options(), OptionReader.known(Type.SIZE, ALIGN, SIZE));
    long align = reader.size(ALIGN).orElse(DEFAULT_ALIGN);
    if (align % SECTOR != 0) {
      throw GraphFault.bad("prealloc-align parameter of preallocate filter is not aligned to 512");
    }
    NodeName names = parts.nameOver(ALIGN, SIZE);
    DiskImage image = below.asImage(FormatOptions.ofOthers(parts.opener().options()));
    return new Node(names, new Node.Body.OfImage(new FilterImage(image, names) {}));
  }
}
