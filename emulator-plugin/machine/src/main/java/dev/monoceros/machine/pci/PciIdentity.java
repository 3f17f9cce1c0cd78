package dev.monoceros.machine.pci;

/**
 * Who a function says it is (PCI 3.0, section 6.2.1).
 *
 * @param vendor vendor ID, 0 to 0xfffe
 * @param device device ID, 16 bits
 * @param revision revision ID, 8 bits
 * @param classCode base class, sub-class and programming interface, 24 bits
 * @param subsystemVendor subsystem vendor ID, 16 bits
 * @param subsystem subsystem ID, 16 bits
 */
public record PciIdentity(
    int vendor, int device, int revision, int classCode, int subsystemVendor, int subsystem) {
  /** Checks the widths. */
  public PciIdentity {
    // A vendor of all ones means that there is no function.
    if (vendor < 0 || vendor >= 0xffff) {
      throw new IllegalArgumentException("vendor ID " + vendor);
    }
    requireBits("device ID", device, 16);
    requireBits("revision", revision, 8);
    requireBits("class code", classCode, 24);
    requireBits("subsystem vendor ID", subsystemVendor, 16);
    requireBits("subsystem ID", subsystem, 16);
  }

  private static void requireBits(String what, int value, int bits) {
    if (value >>> bits != 0) {
      throw new IllegalArgumentException(
          "%s 0x%x needs more than %d bits".formatted(what, value, bits));
    }
  }
}
