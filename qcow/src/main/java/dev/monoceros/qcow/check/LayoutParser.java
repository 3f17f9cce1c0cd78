package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.HeaderParser;
import dev.monoceros.qcow.format.Limits;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/** Reads just so much of a header as QEMU insists on when it opens an image for a check. */
final class LayoutParser {
  private static final int CRYPT_NONE = 0;
  private static final long KNOWN =
      Features.INCOMPATIBLE_DIRTY
          | Features.INCOMPATIBLE_CORRUPT
          | Features.INCOMPATIBLE_EXTERNAL_DATA
          | Features.INCOMPATIBLE_COMPRESSION_TYPE
          | Features.INCOMPATIBLE_EXTENDED_L2;

  /** Subclusters of one cluster, section "Extended L2 Entries". */
  private static final int SUBCLUSTERS = 32;

  private final ByteBuffer bytes;
  private final int version;

  private LayoutParser(ByteBuffer bytes) {
    this.bytes = bytes;
    this.version = bytes.getInt(HeaderField.VERSION);
  }

  /**
   * @throws ImageFault WRONG_FORMAT, UNSUPPORTED, CORRUPT or IO
   */
  static Layout read(OrderedFile file) throws ImageFault {
    int clusterSize = HeaderParser.clusterSize(start(file, 1 << Geometry.MIN_CLUSTER_BITS));
    ByteBuffer bytes = start(file, clusterSize);
    return new LayoutParser(bytes).layout();
  }

  /** The first {@code length} bytes; beyond the end of the file they are zero. */
  private static ByteBuffer start(OrderedFile file, int length) throws ImageFault {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.read(bytes, 0);
    return bytes.flip();
  }

  private Layout layout() throws ImageFault {
    int end = headerLength();
    long incompatible = version3(HeaderField.INCOMPATIBLE_FEATURES);
    long unknown = incompatible & ~KNOWN;
    if (unknown != 0) {
      throw ImageFault.unsupported(
          HeaderField.INCOMPATIBLE_FEATURES,
          "Unsupported qcow2 feature(s): Unknown incompatible feature: "
              + Long.toHexString(unknown));
    }
    Geometry geometry = geometry(incompatible);
    if (bytes.getInt(HeaderField.CRYPT_METHOD) != CRYPT_NONE) {
      throw ImageFault.unsupported(HeaderField.CRYPT_METHOD, "is encrypted, not supported");
    }
    long tableClusters = u32(HeaderField.REFCOUNT_TABLE_CLUSTERS);
    requireTable(
        geometry,
        HeaderField.REFCOUNT_TABLE_OFFSET,
        tableClusters << geometry.clusterBits(),
        Limits.REFCOUNT_TABLE_BYTES,
        "Reference count table");
    long l1Entries = u32(HeaderField.L1_SIZE);
    requireTable(
        geometry,
        HeaderField.L1_TABLE_OFFSET,
        l1Entries * TableEntry.BYTES,
        Limits.L1_BYTES,
        "Active L1 table");
    long size = bytes.getLong(HeaderField.SIZE);
    requireL1Covers(geometry, size, l1Entries);
    return new Layout(
        version,
        geometry,
        size,
        (int) l1Entries,
        bytes.getLong(HeaderField.L1_TABLE_OFFSET),
        bytes.getLong(HeaderField.REFCOUNT_TABLE_OFFSET),
        (int) tableClusters,
        u32(HeaderField.NB_SNAPSHOTS),
        bytes.getLong(HeaderField.SNAPSHOTS_OFFSET),
        incompatible,
        ExtensionSearch.bitmaps(bytes, end, version3(HeaderField.AUTOCLEAR_FEATURES), geometry));
  }

  private int headerLength() throws ImageFault {
    long length = version == 2 ? HeaderField.VERSION2_LENGTH : u32(HeaderField.HEADER_LENGTH);
    if (version > 2 && length < HeaderField.VERSION3_MIN_LENGTH) {
      throw ImageFault.corrupt(HeaderField.HEADER_LENGTH, "qcow2 header too short");
    }
    if (length > bytes.limit()) {
      throw ImageFault.corrupt(HeaderField.HEADER_LENGTH, "qcow2 header exceeds cluster size");
    }
    return (int) length;
  }

  private Geometry geometry(long incompatible) throws ImageFault {
    int clusterBits = bytes.getInt(HeaderField.CLUSTER_BITS);
    long order = version == 2 ? Geometry.VERSION2_REFCOUNT_ORDER : u32(HeaderField.REFCOUNT_ORDER);
    boolean subclusters = (incompatible & Features.INCOMPATIBLE_EXTENDED_L2) != 0;
    if (subclusters && (1 << clusterBits) / SUBCLUSTERS < 1 << Geometry.MIN_CLUSTER_BITS) {
      throw ImageFault.corrupt(
          HeaderField.CLUSTER_BITS,
          "Unsupported subcluster size: " + (1 << clusterBits) / SUBCLUSTERS);
    }
    if (order > Geometry.MAX_REFCOUNT_ORDER) {
      throw ImageFault.corrupt(
          HeaderField.REFCOUNT_ORDER,
          "Reference count entry width too large; may not exceed 64 bits");
    }
    return new Geometry(clusterBits, (int) order, subclusters);
  }

  private void requireTable(Geometry geometry, int field, long length, long limit, String name)
      throws ImageFault {
    if (length > limit) {
      throw ImageFault.corrupt(field, name + " too large");
    }
    long offset = bytes.getLong(field);
    if (offset < 0 || offset > Long.MAX_VALUE - length || !geometry.aligned(offset)) {
      throw ImageFault.corrupt(field, name + " offset invalid");
    }
  }

  private static void requireL1Covers(Geometry geometry, long size, long l1Entries)
      throws ImageFault {
    int shift = geometry.clusterBits() + geometry.l2Bits();
    long needed = (size >>> shift) + ((size & ((1L << shift) - 1)) == 0 ? 0 : 1);
    if (needed > Integer.MAX_VALUE) {
      throw ImageFault.corrupt(HeaderField.SIZE, "Image is too big");
    }
    if (l1Entries < needed) {
      throw ImageFault.corrupt(HeaderField.L1_SIZE, "L1 table is too small");
    }
  }

  /** A field that version 2 does not have reads as zero. */
  private long version3(int field) {
    return version == 2 ? 0 : bytes.getLong(field);
  }

  private long u32(int field) {
    return Integer.toUnsignedLong(bytes.getInt(field));
  }
}
