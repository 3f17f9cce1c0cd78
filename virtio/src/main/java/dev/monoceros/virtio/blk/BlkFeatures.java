package dev.monoceros.virtio.blk;

/** Feature bits of the block device (5.2.3), as masks of a 64-bit feature set. */
public final class BlkFeatures {
  /** VIRTIO_BLK_F_SEG_MAX: seg_max limits the segments of a request. */
  public static final long SEG_MAX = 1L << 2;

  /** VIRTIO_BLK_F_RO: the device is read-only. */
  public static final long RO = 1L << 5;

  /** VIRTIO_BLK_F_BLK_SIZE: blk_size is the block size the driver should keep to. */
  public static final long BLK_SIZE = 1L << 6;

  /** VIRTIO_BLK_F_FLUSH: there is a cache and a command to flush it. */
  public static final long FLUSH = 1L << 9;

  private BlkFeatures() {}
}
