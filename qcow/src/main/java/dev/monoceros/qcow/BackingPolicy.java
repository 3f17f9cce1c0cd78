package dev.monoceros.qcow;

/** Which backing files an image may make us open: its author chose them, not its user. */
public enum BackingPolicy {
  /** An image that needs a backing file is refused. */
  REFUSE,
  /**
   * Only with the format stated in the image, and only files in the directory of the image that
   * names them or below it, links resolved.
   */
  SAME_DIRECTORY,
  /** As QEMU does: any file, any file name syntax, the format probed where it is not stated. */
  ALLOW,
  /**
   * The image is opened without its backing file; what it does not hold reads as zero. For looking
   * at metadata only.
   */
  IGNORE
}
