package dev.monoceros.virtio.blk;

/** When what the guest writes reaches stable storage; the names are those of QEMU's cache modes. */
public enum CacheMode {
  /** With the next flush. The driver may switch to write-through (CONFIG_WCE). The default. */
  WRITEBACK,
  /** Before each write completes, until the driver switches to write-back (CONFIG_WCE). */
  WRITETHROUGH,
  /**
   * When the host likes: flushes do nothing. For disks that are thrown away; a crash of the host
   * can lose them.
   */
  UNSAFE
}
