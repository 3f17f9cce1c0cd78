package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.graph.OptionReader.Type;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;

/** The driver {@code copy-on-read}. */
final class CopyOnReadDriver {
  private static final String BOTTOM = "bottom";

  private CopyOnReadDriver() {}

  static Node open(NodeParts parts, CommonOptions common) throws ImageFault {
    Node below = parts.requireFile();
    OptionReader reader =
        OptionReader.absorb(parts.options(), OptionReader.known(Type.TEXT, BOTTOM));
    if (below.readOnly()) {
      throw new ImageFault(ErrorKind.READ_ONLY, ImageFault.NO_OFFSET, "Block node is read-only");
    }
    // Nodes have no names here that another one could use.
    if (reader.text(BOTTOM).isPresent()) {
      throw GraphFault.bad("Bottom node '" + reader.text(BOTTOM).get() + "' not found");
    }
    NodeName names = parts.nameOver(BOTTOM);
    DiskImage image = below.asImage(FormatOptions.ofOthers(parts.opener().options()));
    return new Node(
        names, new Node.Body.OfImage(new FilterImage(new CopyOnReadImage(image), names)));
  }
}
