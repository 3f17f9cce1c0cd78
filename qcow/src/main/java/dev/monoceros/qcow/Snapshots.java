package dev.monoceros.qcow;

import java.util.List;

/** The internal snapshots of a QCOW2 image. Safe for several threads, as the image is. */
public interface Snapshots {
  /** In the order of the image's snapshot table. */
  List<Snapshot> list() throws ImageException;

  /**
   * Takes one.
   *
   * @param name need not be unique
   * @param seconds time to record, since 1970 UTC; the library reads no clock
   * @param nanoseconds of that second
   * @throws ImageException NO_SPACE, READ_ONLY and what writing throws; the image is as it was then
   */
  Snapshot create(String name, long seconds, int nanoseconds) throws ImageException;

  /**
   * Makes the disk what it was; all changes since are lost.
   *
   * @param idOrName an id, or else a name, as {@code qemu-img snapshot -a} finds them
   * @throws ImageException NOT_FOUND and what writing throws
   */
  void apply(String idOrName) throws ImageException;

  /** Deletes one and frees what only it held. */
  void delete(String idOrName) throws ImageException;
}
