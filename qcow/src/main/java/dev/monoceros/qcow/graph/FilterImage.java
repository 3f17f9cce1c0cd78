package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageInfo;
import java.util.List;
import java.util.Optional;

/** A filter that is a node of its own, with a driver and a name. */
class FilterImage extends ForwardingImage {
  private final NodeName names;

  FilterImage(DiskImage image, NodeName names) {
    super(image);
    this.names = names;
  }

  @Override
  public final String driver() {
    return names.driver().qemuName();
  }

  /** Of the image below, without what only its format has. */
  @Override
  public final ImageInfo info() throws ImageException {
    ImageInfo below = image().info();
    return new ImageInfo(
            below.fileName(),
            below.format(),
            below.size(),
            below.allocatedBytes(),
            below.fileBytes(),
            below.clusterSize(),
            below.encrypted(),
            below.dirty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            below.detailed())
        .named(new PlainContext(names));
  }
}
