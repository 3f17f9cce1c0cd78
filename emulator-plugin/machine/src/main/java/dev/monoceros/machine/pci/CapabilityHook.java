package dev.monoceros.machine.pci;

import java.nio.ByteBuffer;

/**
 * What a capability does when its registers are touched, where that is more than storing bits: the
 * virtio PCI_CFG window, MSI-X message control.
 *
 * <p>Offsets count from the capability's first byte, its ID. {@code registers} is the live content
 * of the whole capability, little endian; its position and limit must be left alone.
 */
public interface CapabilityHook {
  /** A capability that only stores bits. */
  CapabilityHook NONE = new CapabilityHook() {};

  /**
   * Runs before a driver's read of {@code size} (1, 2 or 4) bytes at {@code offset}; may refresh
   * what is read.
   */
  default void beforeRead(int offset, int size, ByteBuffer registers) {}

  /**
   * Runs after a driver's write of {@code size} (1, 2 or 4) bytes at {@code offset} has been
   * stored, read-only bits excepted.
   */
  default void afterWrite(int offset, int size, ByteBuffer registers) {}
}
