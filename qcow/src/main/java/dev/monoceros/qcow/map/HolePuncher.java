package dev.monoceros.qcow.map;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/** Gives clusters back to the host, neighbours with one call. */
final class HolePuncher {
  private final OrderedFile file;
  private final int clusterSize;
  private long from;
  private long to;

  HolePuncher(OrderedFile file, int clusterSize) {
    this.file = file;
    this.clusterSize = clusterSize;
  }

  void add(long offset) throws ImageFault {
    if (from == to) {
      from = offset;
      to = offset + clusterSize;
    } else if (offset == to) {
      to += clusterSize;
    } else if (offset + clusterSize == from) {
      from = offset;
    } else {
      finish();
      add(offset);
    }
  }

  /** Punches what has been added since the last call. */
  void finish() throws ImageFault {
    long start = from;
    long length = to - from;
    from = 0;
    to = 0;
    if (length > 0) {
      file.punchHole(start, length);
    }
  }
}
