package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFile;

/**
 * A file whose flushes stay where they are: the option {@code cache.no-flush}. The order of writes
 * still holds for whoever reads the file, but not across a power cut of the host.
 */
final class UnflushedFile extends ForwardingFile {
  UnflushedFile(ImageFile file) {
    super(file);
  }

  @Override
  public void force() {}
}
