package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.NodeContext;
import dev.monoceros.qcow.Operation;
import dev.monoceros.qcow.io.ImageFile;
import java.util.Optional;

/** Surroundings of an image that names no other files: raw, and protocols seen as disks. */
record PlainContext(NodeName names) implements NodeContext {
  @Override
  public String name() {
    return names.fileName();
  }

  @Override
  public String driver() {
    return names.driver().qemuName();
  }

  @Override
  public Optional<String> fullBackingName(BackingReference reference) {
    return Optional.empty();
  }

  @Override
  public Optional<DiskImage> openBacking(Optional<BackingReference> stored) {
    return Optional.empty();
  }

  @Override
  public ImageFile openDataFile(Optional<String> stored, boolean readOnly) throws ImageException {
    throw ImageException.of(
        name(), Operation.OPEN, GraphFault.bad("'data-file' is required for this image"));
  }
}
