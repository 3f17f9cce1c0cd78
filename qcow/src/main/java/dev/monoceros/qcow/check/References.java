package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.OrderedFile;

/** Counts the references to every cluster of the file. */
final class References {
  /** Beyond this QEMU does not even ask the host. */
  static final long MAX_OFFSET = Long.MAX_VALUE - (1L << 30);

  private static final int SECTOR = 512;

  private final OrderedFile file;
  private final Geometry geometry;
  private final Messages messages;
  private final Tally tally;
  private final RefcountArray counts;

  References(
      OrderedFile file, Geometry geometry, Messages messages, Tally tally, RefcountArray counts) {
    this.file = file;
    this.geometry = geometry;
    this.messages = messages;
    this.tally = tally;
    this.counts = counts;
  }

  RefcountArray counts() {
    return counts;
  }

  /** Length of the file as QEMU sees it: whole sectors. */
  static long length(OrderedFile file) {
    return (file.size() + SECTOR - 1) & -SECTOR;
  }

  /** Adds one reference to every cluster that the range touches. */
  void add(long offset, long size) throws CheckStopped {
    add(offset, size, 1);
  }

  /**
   * Adds references to every cluster that the range touches. The last cluster of an image may be
   * there in part only, so a range may go beyond the end of the file by less than a cluster.
   *
   * @param offset any 64 bits
   * @param times how many references, at least 1
   */
  void add(long offset, long size, long times) throws CheckStopped {
    if (size <= 0) {
      return;
    }
    if (offset < 0 || offset - length(file) >= geometry.clusterSize() - size) {
      String line =
          "ERROR: counting reference for region exceeding the end of the file by one cluster or"
              + " more: offset 0x%x size 0x%x".formatted(offset, size);
      for (long i = 0; i < times; i++) {
        messages.add(line);
        if (messages.full()) {
          break;
        }
      }
      tally.corruptions += times;
      return;
    }
    long last = (offset + size - 1) >>> geometry.clusterBits();
    for (long k = offset >>> geometry.clusterBits(); k <= last; k++) {
      count(k, times);
    }
  }

  private void count(long cluster, long times) throws CheckStopped {
    if (cluster >= counts.size()) {
      counts.growTo(cluster + 1);
    }
    long room = counts.max() - counts.get(cluster);
    if (Long.compareUnsigned(times, room) <= 0) {
      counts.set(cluster, counts.get(cluster) + times);
      return;
    }
    counts.set(cluster, counts.max());
    for (long i = 0; i < times - room && !messages.full(); i++) {
      messages.add(
          "ERROR: overflow cluster offset=0x"
              + Long.toHexString(cluster << geometry.clusterBits()));
      messages.add(
          "Use qemu-img amend to increase the refcount entry width or qemu-img convert to create a"
              + " clean copy if the image cannot be opened for writing");
    }
    tally.corruptions += times - room;
  }
}
