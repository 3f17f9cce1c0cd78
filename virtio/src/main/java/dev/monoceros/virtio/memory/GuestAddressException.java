package dev.monoceros.virtio.memory;

import java.util.HexFormat;

/**
 * An access to guest physical memory that is not inside one region of RAM. Device code checks
 * ranges before it uses them, so this is our fault when it is seen, never the guest's.
 */
public final class GuestAddressException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long address;
  private final long length;

  /** An access of {@code length} bytes at guest physical {@code address}. */
  public GuestAddressException(long address, long length) {
    super(
        "guest physical range 0x%s, %s bytes, is not RAM"
            .formatted(HexFormat.of().toHexDigits(address), Long.toUnsignedString(length)));
    this.address = address;
    this.length = length;
  }

  /** First guest physical address of the access. */
  public long address() {
    return address;
  }

  /** Length of the access in bytes. */
  public long length() {
    return length;
  }
}
