package dev.monoceros.virtio.pci;

import dev.monoceros.virtio.memory.LittleEndian;

/**
 * {@code struct virtio_pci_cap} (4.1.4): tells where in which BAR one structure of the device lies.
 * All of it is read-only.
 */
final class VirtioCapability implements PciCapability {
  /** Capability ID "vendor specific" of the PCI specification. */
  static final int VENDOR_SPECIFIC = 9;

  // Values of cfg_type.
  static final int COMMON_CFG = 1;
  static final int NOTIFY_CFG = 2;
  static final int ISR_CFG = 3;
  static final int DEVICE_CFG = 4;
  static final int PCI_CFG = 5;

  // struct virtio_pci_cap { u8 cap_vndr; u8 cap_next; u8 cap_len; u8 cfg_type; u8 bar; u8 id;
  //   u8 padding[2]; le32 offset; le32 length; }, then le32 notify_off_multiplier (4.1.4.4) or
  //   u8 pci_cfg_data[4] (4.1.4.9).
  static final int CAP_LEN = 2;
  static final int CFG_TYPE = 3;
  static final int BAR = 4;
  static final int OFFSET = 8;
  static final int LENGTH = 12;
  static final int EXTRA = 16;

  static final int PLAIN_SIZE = 16;
  static final int EXTENDED_SIZE = 20;

  private final byte[] image;

  private VirtioCapability(byte[] image) {
    this.image = image;
  }

  /** The bytes of a capability, ID and next pointer left 0. */
  static byte[] image(int size, int type, int bar, long offset, long length) {
    byte[] image = new byte[size];
    LittleEndian.write(image, CAP_LEN, Byte.BYTES, size);
    LittleEndian.write(image, CFG_TYPE, Byte.BYTES, type);
    LittleEndian.write(image, BAR, Byte.BYTES, bar);
    LittleEndian.write(image, OFFSET, Integer.BYTES, offset);
    LittleEndian.write(image, LENGTH, Integer.BYTES, length);
    return image;
  }

  static VirtioCapability of(int type, int bar, long offset, long length) {
    return new VirtioCapability(image(PLAIN_SIZE, type, bar, offset, length));
  }

  static VirtioCapability notification(int bar, long offset, long length, long multiplier) {
    byte[] image = image(EXTENDED_SIZE, NOTIFY_CFG, bar, offset, length);
    LittleEndian.write(image, EXTRA, Integer.BYTES, multiplier);
    return new VirtioCapability(image);
  }

  @Override
  public int id() {
    return VENDOR_SPECIFIC;
  }

  @Override
  public int length() {
    return image.length;
  }

  @Override
  public long read(int offset, int size) {
    return LittleEndian.read(image, offset, size);
  }

  @Override
  public void write(int offset, int size, long value) {}
}
