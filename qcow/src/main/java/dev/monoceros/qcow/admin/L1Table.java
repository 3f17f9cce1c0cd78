package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/** Reads L1 tables and the L2 tables they lead to, as the file holds them. */
public final class L1Table {
  private L1Table() {}

  /**
   * Reads an L1 table.
   *
   * @throws ImageFault CORRUPT if it cannot lie there, and what reading throws
   */
  public static long[] read(OrderedFile file, Geometry geometry, long offset, long entries)
      throws ImageFault {
    long bytes = entries * TableEntry.BYTES;
    if (entries < 0
        || bytes > Limits.L1_BYTES
        || offset < 0
        || !geometry.aligned(offset)
        || (bytes > 0 && (offset == 0 || bytes > geometry.roundUp(file.size()) - offset))) {
      throw ImageFault.corrupt(offset, "the L1 table at offset " + offset + " cannot be there");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) bytes);
    file.read(buffer, offset);
    long[] table = new long[(int) entries];
    buffer.flip().asLongBuffer().get(table);
    return table;
  }

  /** Reads the L2 table that an L1 entry, not empty, points at. */
  static ByteBuffer l2(OrderedFile file, Geometry geometry, long l1Entry) throws ImageFault {
    long offset = TableEntry.hostOffset(l1Entry);
    if (TableEntry.l1Defect(l1Entry, geometry) != null || offset >= file.size()) {
      throw ImageFault.corrupt(offset, "the L2 table at offset " + offset + " cannot be there");
    }
    ByteBuffer table = ByteBuffer.allocate(geometry.clusterSize());
    file.read(table, offset);
    return table.clear();
  }
}
