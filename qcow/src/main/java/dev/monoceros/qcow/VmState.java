package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * Machine state, section "Snapshots": "it starts at the first cluster described by first L1 table
 * entry that doesn't describe a regular guest cluster".
 */
final class VmState {
  private final Geometry geometry;
  private final ClusterReader reader;
  private final int l1Entries;
  private final long start;

  /**
   * @param reader of an image without a backing file
   */
  VmState(Header header, ClusterReader reader) {
    this.geometry = header.geometry();
    this.reader = reader;
    this.l1Entries = header.l1Entries();
    this.start = geometry.l1EntriesFor(header.size());
  }

  /** Where byte {@code offset} of the state would be on the disk, if the disk were longer. */
  long guestOffset(long offset) throws ImageFault {
    try {
      return Math.addExact(Math.multiplyExact(start, geometry.bytesPerL1Entry()), offset);
    } catch (ArithmeticException e) {
      throw tooLarge();
    }
  }

  /** How many L1 entries there must be to write that part of the state. */
  int l1EntriesFor(long offset, int length) throws ImageFault {
    if (length == 0) {
      return 0;
    }
    if (offset < 0 || offset > Long.MAX_VALUE - length) {
      throw tooLarge();
    }
    long needed = start + (offset + length - 1) / geometry.bytesPerL1Entry() + 1;
    if (needed > Limits.L1_BYTES / TableEntry.BYTES) {
      throw tooLarge();
    }
    guestOffset(offset + length);
    return (int) needed;
  }

  private static ImageFault tooLarge() {
    return new ImageFault(
        ErrorKind.BAD_OPTION,
        ImageFault.NO_OFFSET,
        "the machine state would not fit behind the disk");
  }

  /** Reads; what the L1 table does not reach reads as zero. */
  void read(long offset, ByteBuffer target) throws ImageFault {
    int limit = target.limit();
    long reach = (l1Entries - start) * geometry.bytesPerL1Entry();
    if (offset >= 0 && offset < reach) {
      target.limit((int) Math.min(limit, target.position() + reach - offset));
      reader.read(guestOffset(offset), target);
      target.limit(limit);
    }
    OrderedFile.fillZero(target, target.remaining());
  }
}
