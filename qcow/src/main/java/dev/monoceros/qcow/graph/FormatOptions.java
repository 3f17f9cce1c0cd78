package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.NodeContext;
import dev.monoceros.qcow.OpenOptions;
import java.util.Optional;

/** How the image of a format node is opened. */
final class FormatOptions {
  private FormatOptions() {}

  static OpenOptions of(NodeParts parts, CommonOptions common, NodeContext context) {
    OpenOptions options = parts.opener().options();
    if (parts.request().depth() > 0) {
      options = ofOthers(options);
    }
    boolean snapshot = options.snapshot();
    return options
        .withContext(Optional.of(context))
        .withSnapshot(snapshot)
        .withReadOnly(snapshot ? options.readOnly() : common.readOnly())
        .withForceShare(common.forceShare())
        .withDiscard(common.discard().orElse(options.discard()));
  }

  /** Without what the caller asks of the topmost image only. */
  static OpenOptions ofOthers(OpenOptions options) {
    return options
        .withSnapshot(false)
        .withSnapshotName(Optional.empty())
        .withDataFile(Optional.empty())
        .withForCheck(false)
        .withLazyRefcounts(Optional.empty())
        .withCacheSize(OpenOptions.AUTO)
        .withL2CacheSize(OpenOptions.AUTO)
        .withL2CacheEntrySize(OpenOptions.AUTO)
        .withRefcountCacheSize(OpenOptions.AUTO);
  }
}
