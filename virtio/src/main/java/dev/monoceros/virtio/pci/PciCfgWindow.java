package dev.monoceros.virtio.pci;

import dev.monoceros.virtio.memory.LittleEndian;

/**
 * The PCI configuration access capability (4.1.4.9): an access to its {@code pci_cfg_data} becomes
 * an access of {@code cap.length} bytes at {@code cap.offset} of BAR {@code cap.bar}. For drivers
 * that cannot map the BAR, such as firmware.
 */
final class PciCfgWindow implements PciCapability {
  private static final int DATA = VirtioCapability.EXTRA;
  private static final int DATA_SIZE = Integer.BYTES;

  private final VirtioPciTransport transport;
  private final byte[] image;

  PciCfgWindow(VirtioPciTransport transport) {
    this.transport = transport;
    this.image =
        VirtioCapability.image(
            VirtioCapability.EXTENDED_SIZE, VirtioCapability.PCI_CFG, transport.barIndex(), 0, 0);
  }

  @Override
  public int id() {
    return VirtioCapability.VENDOR_SPECIFIC;
  }

  @Override
  public int length() {
    return image.length;
  }

  @Override
  public long read(int offset, int size) {
    if (touchesData(offset, size)) {
      int width = width();
      if (width != 0) {
        LittleEndian.write(
            image, DATA, width, transport.read(field(VirtioCapability.OFFSET), width));
      }
    }
    return LittleEndian.read(image, offset, size);
  }

  @Override
  public void write(int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      if (isWritable(offset + i)) {
        LittleEndian.write(image, offset + i, Byte.BYTES, value >>> (Byte.SIZE * i));
      }
    }
    if (touchesData(offset, size)) {
      int width = width();
      if (width != 0) {
        transport.write(
            field(VirtioCapability.OFFSET), width, LittleEndian.read(image, DATA, width));
      }
    }
  }

  /** Width of the BAR access, or 0 if the driver's bar, offset and length make none (4.1.4.9.2). */
  private int width() {
    long length = field(VirtioCapability.LENGTH);
    long offset = field(VirtioCapability.OFFSET);
    boolean natural = length == Byte.BYTES || length == Short.BYTES || length == Integer.BYTES;
    boolean ours =
        LittleEndian.read(image, VirtioCapability.BAR, Byte.BYTES) == transport.barIndex();
    boolean inside = offset <= transport.barSize() - length;
    return natural && ours && inside && offset % length == 0 ? (int) length : 0;
  }

  private long field(int offset) {
    return LittleEndian.read(image, offset, Integer.BYTES);
  }

  private static boolean touchesData(int offset, int size) {
    return offset < DATA + DATA_SIZE && offset + size > DATA;
  }

  private static boolean isWritable(int offset) {
    return offset == VirtioCapability.BAR || offset >= VirtioCapability.OFFSET;
  }

  void reset() {
    byte[] fresh =
        VirtioCapability.image(
            VirtioCapability.EXTENDED_SIZE, VirtioCapability.PCI_CFG, transport.barIndex(), 0, 0);
    System.arraycopy(fresh, 0, image, 0, image.length);
  }
}
