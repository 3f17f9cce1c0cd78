package dev.monoceros.virtio.device;

/**
 * Feature bits that do not depend on the kind of device (6), as masks of a 64-bit feature set, and
 * the rules between them.
 */
public final class Features {
  /** VIRTIO_F_INDIRECT_DESC. */
  public static final long INDIRECT_DESC = 1L << 28;

  /** VIRTIO_F_EVENT_IDX. */
  public static final long EVENT_IDX = 1L << 29;

  /** VIRTIO_F_VERSION_1: always offered and always required here; there is no legacy interface. */
  public static final long VERSION_1 = 1L << 32;

  /** VIRTIO_F_RING_PACKED: queues are packed virtqueues (2.8) instead of split ones (2.7). */
  public static final long RING_PACKED = 1L << 34;

  /** VIRTIO_F_IN_ORDER: buffers are used in the order in which they were made available. */
  public static final long IN_ORDER = 1L << 35;

  /** VIRTIO_F_NOTIFICATION_DATA: notifications say how far the driver has come (2.9). */
  public static final long NOTIFICATION_DATA = 1L << 38;

  /** VIRTIO_F_RING_RESET: queues can be reset one by one (2.6.1). */
  public static final long RING_RESET = 1L << 40;

  private Features() {}

  /** Whether all of {@code wanted} are in {@code features}. */
  public static boolean has(long features, long wanted) {
    return (features & wanted) == wanted;
  }

  /** Whether {@code driver} is a valid subset of {@code offered} (2.2.2 and 6.1). */
  static boolean isValidSubset(long driver, long offered) {
    return (driver & ~offered) == 0 && has(driver, VERSION_1);
  }
}
