package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.device.Features;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Feature bits of the block device (5.2.3), as masks of a 64-bit feature set. */
public final class BlkFeatures {
  /** VIRTIO_BLK_F_SIZE_MAX: size_max limits the bytes of one segment. */
  public static final long SIZE_MAX = 1L << 1;

  /** VIRTIO_BLK_F_SEG_MAX: seg_max limits the segments of a request. */
  public static final long SEG_MAX = 1L << 2;

  /** VIRTIO_BLK_F_RO: the device is read-only. */
  public static final long RO = 1L << 5;

  /** VIRTIO_BLK_F_BLK_SIZE: blk_size is the block size the driver should keep to. */
  public static final long BLK_SIZE = 1L << 6;

  /** VIRTIO_BLK_F_FLUSH: there is a cache and a command to flush it. */
  public static final long FLUSH = 1L << 9;

  /** VIRTIO_BLK_F_TOPOLOGY: physical block size and good sizes of requests are told. */
  public static final long TOPOLOGY = 1L << 10;

  /** VIRTIO_BLK_F_CONFIG_WCE: the driver may switch between write-back and write-through. */
  public static final long CONFIG_WCE = 1L << 11;

  /** VIRTIO_BLK_F_MQ: there are num_queues queues. */
  public static final long MQ = 1L << 12;

  /** VIRTIO_BLK_F_DISCARD: sectors can be given up. */
  public static final long DISCARD = 1L << 13;

  /** VIRTIO_BLK_F_WRITE_ZEROES: sectors can be zeroed without sending zeroes. */
  public static final long WRITE_ZEROES = 1L << 14;

  /** VIRTIO_BLK_F_SECURE_ERASE: sectors can be made unrecoverable. */
  public static final long SECURE_ERASE = 1L << 16;

  private static final SortedMap<String, Long> NAMES = names();

  private BlkFeatures() {}

  /**
   * Every feature that can be switched on or off by an option, by the option's name: QEMU's where
   * it has one.
   */
  public static SortedMap<String, Long> byName() {
    return NAMES;
  }

  private static SortedMap<String, Long> names() {
    SortedMap<String, Long> names = new TreeMap<>();
    names.put("seg-max", SEG_MAX);
    names.put("read-only-bit", RO);
    names.put("blk-size", BLK_SIZE);
    names.put("flush", FLUSH);
    names.put("topology", TOPOLOGY);
    names.put("config-wce", CONFIG_WCE);
    names.put("mq", MQ);
    names.put("discard", DISCARD);
    names.put("write-zeroes", WRITE_ZEROES);
    names.put("secure-erase", SECURE_ERASE);
    names.put("indirect_desc", Features.INDIRECT_DESC);
    names.put("event_idx", Features.EVENT_IDX);
    names.put("packed", Features.RING_PACKED);
    names.put("in_order", Features.IN_ORDER);
    names.put("notification_data", Features.NOTIFICATION_DATA);
    names.put("queue_reset", Features.RING_RESET);
    return Collections.unmodifiableSortedMap(names);
  }
}
