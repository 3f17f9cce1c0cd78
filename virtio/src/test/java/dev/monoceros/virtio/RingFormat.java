package dev.monoceros.virtio;

import dev.monoceros.virtio.blk.BlkOptions;

/** The two formats of a virtqueue (2.7, 2.8). */
public enum RingFormat {
  SPLIT(0),
  PACKED(BlkRig.RING_PACKED);

  private final long feature;

  RingFormat(long feature) {
    this.feature = feature;
  }

  /** The feature that chooses this format, or 0. */
  public long feature() {
    return feature;
  }

  /** The same options with this format offered. */
  public BlkOptions offeredBy(BlkOptions options) {
    return options.withShownFeatures(options.shownFeatures() | feature);
  }
}
