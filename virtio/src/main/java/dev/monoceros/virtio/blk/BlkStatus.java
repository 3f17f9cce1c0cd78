package dev.monoceros.virtio.blk;

/** The status byte that ends every request (5.2.6). */
final class BlkStatus {
  static final int OK = 0;
  static final int IOERR = 1;
  static final int UNSUPP = 2;

  private BlkStatus() {}
}
