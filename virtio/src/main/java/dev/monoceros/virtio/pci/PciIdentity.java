package dev.monoceros.virtio.pci;

import dev.monoceros.virtio.device.VirtioDevice;

/**
 * The constant fields of the function's PCI configuration header (4.1.2).
 *
 * @param vendorId 0x1AF4 for every virtio device
 * @param deviceId 0x1040 plus the virtio device ID
 * @param revision at least 1 for a device without a legacy interface
 * @param classCode base class, subclass and programming interface in bits 23-0
 * @param subsystemVendorId as the vendor
 * @param subsystemId at least 0x40 for a device without a legacy interface
 * @param interruptPin 1 for INTA
 */
public record PciIdentity(
    int vendorId,
    int deviceId,
    int revision,
    int classCode,
    int subsystemVendorId,
    int subsystemId,
    int interruptPin) {
  private static final int VIRTIO_VENDOR = 0x1AF4;
  private static final int FIRST_MODERN_DEVICE = 0x1040;
  private static final int MODERN_REVISION = 1;
  private static final int FIRST_MODERN_SUBSYSTEM = 0x40;
  private static final int INTA = 1;

  private static final int NETWORK_DEVICE = 1;
  private static final int BLOCK_DEVICE = 2;
  private static final int CLASS_ETHERNET = 0x02_00_00;
  private static final int CLASS_SCSI_STORAGE = 0x01_00_00;
  private static final int CLASS_UNASSIGNED = 0xFF_00_00;

  static PciIdentity of(VirtioDevice device) {
    int id = device.deviceId();
    return new PciIdentity(
        VIRTIO_VENDOR,
        FIRST_MODERN_DEVICE + id,
        MODERN_REVISION,
        classCode(id),
        VIRTIO_VENDOR,
        FIRST_MODERN_SUBSYSTEM + id,
        INTA);
  }

  private static int classCode(int deviceId) {
    return switch (deviceId) {
      case NETWORK_DEVICE -> CLASS_ETHERNET;
      case BLOCK_DEVICE -> CLASS_SCSI_STORAGE;
      default -> CLASS_UNASSIGNED;
    };
  }
}
