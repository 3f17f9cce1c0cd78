package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.NodeContext;
import dev.monoceros.qcow.OpenOptions;
import java.util.Optional;

/** How the image of a format node is opened. */
final class FormatOptions {
  private FormatOptions() {}

  static OpenOptions of(NodeParts parts, CommonOptions common, NodeContext context) {
    OpenOptions options = parts.opener().options();
    boolean top = parts.request().depth() == 0;
    boolean snapshot = top && options.snapshot();
    return options
        .withContext(Optional.of(context))
        .withSnapshot(snapshot)
        .withReadOnly(snapshot ? options.readOnly() : common.readOnly())
        .withForceShare(common.forceShare())
        .withDiscard(common.discard().orElse(options.discard()));
  }
}
