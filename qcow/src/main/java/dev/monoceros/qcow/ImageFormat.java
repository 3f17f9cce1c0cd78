package dev.monoceros.qcow;

/** How an image file is to be understood. */
public enum ImageFormat {
  /**
   * Look at the first sector. For opening only, and only for files whose origin is trusted: a guest
   * that can write a raw disk chooses its first sector.
   */
  PROBE("probe"),
  /** QCOW2, versions 2 and 3. */
  QCOW2("qcow2"),
  /** QCOW, version 1. */
  QCOW("qcow"),
  /** The file is the disk. */
  RAW("raw");

  private final String qemuName;

  ImageFormat(String qemuName) {
    this.qemuName = qemuName;
  }

  /** What {@code qemu-img -f} calls it. */
  public String qemuName() {
    return qemuName;
  }
}
