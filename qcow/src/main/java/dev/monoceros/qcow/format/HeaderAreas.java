package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;

/** Checks the tables that the header points at against the file and against each other. */
final class HeaderAreas {
  private final ByteBuffer bytes;
  private final Geometry geometry;
  private final long fileSize;

  HeaderAreas(ByteBuffer bytes, Geometry geometry, long fileSize) {
    this.bytes = bytes;
    this.geometry = geometry;
    this.fileSize = fileSize;
  }

  /**
   * @param size of the virtual disk
   */
  void check(long size) throws ImageFault {
    long l1Entries = HeaderParser.u32(bytes, HeaderField.L1_SIZE);
    long needed = geometry.l1EntriesFor(size);
    if (l1Entries < needed) {
      throw ImageFault.corrupt(HeaderField.L1_SIZE, "L1 table is too small");
    }
    long l1Bytes = l1Entries * TableEntry.BYTES;
    long l1 = area(HeaderField.L1_TABLE_OFFSET, l1Bytes, Limits.OPENED_L1_BYTES, "Active L1 table");
    long tableClusters = HeaderParser.u32(bytes, HeaderField.REFCOUNT_TABLE_CLUSTERS);
    if (tableClusters == 0) {
      throw ImageFault.corrupt(
          HeaderField.REFCOUNT_TABLE_CLUSTERS, "Image does not contain a reference count table");
    }
    long tableBytes = tableClusters << geometry.clusterBits();
    long table =
        area(
            HeaderField.REFCOUNT_TABLE_OFFSET,
            tableBytes,
            Limits.REFCOUNT_TABLE_BYTES,
            "Reference count table");
    if (l1 < table + tableBytes && table < l1 + l1Bytes) {
      throw ImageFault.corrupt(
          HeaderField.L1_TABLE_OFFSET, "the L1 table and the refcount table overlap");
    }
    if (bytes.getInt(HeaderField.NB_SNAPSHOTS) != 0) {
      area(HeaderField.SNAPSHOTS_OFFSET, 1, 1, "Snapshot table");
    }
  }

  /**
   * Both tables are read at once, so their sizes are bounded here by the file's. A table may end in
   * the part of its last cluster that the file does not have yet.
   */
  private long area(int field, long length, long limit, String name) throws ImageFault {
    long offset = bytes.getLong(field);
    String place = name + " at offset " + Long.toUnsignedString(offset);
    if (length == 0) {
      return 0;
    }
    if (length > limit) {
      throw ImageFault.unsupported(field, name + " too large");
    }
    if (!geometry.aligned(offset)) {
      throw ImageFault.corrupt(field, name + " offset invalid");
    }
    if (offset >= 0 && offset < geometry.clusterSize()) {
      throw ImageFault.corrupt(field, place + " overlaps the header");
    }
    if (offset < 0 || offset >= fileSize || length > geometry.roundUp(fileSize) - offset) {
      throw ImageFault.corrupt(
          field, place + " of " + length + " bytes goes beyond the end of the file at " + fileSize);
    }
    return offset;
  }
}
