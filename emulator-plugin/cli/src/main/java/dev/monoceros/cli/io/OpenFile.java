package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.qcow.DiskImage;

/**
 * The open image and how it is used.
 *
 * @param request how it was opened
 */
record OpenFile(OpenRequest request, DiskImage image) {
  /** True if it may not be written. */
  boolean readOnly() {
    return request.readOnly();
  }

  /** True if a write has to be flushed. */
  boolean flushes(boolean forceUnitAccess) {
    CacheMode cache = request.cache();
    return (cache.writeThrough() || forceUnitAccess) && !cache.noFlush();
  }
}
