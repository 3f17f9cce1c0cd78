package dev.monoceros.qcow.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Encodes the header of a new image and its feature name table. */
public final class HeaderWriter {
  private static final int NAME_ROW = 48;
  private static final int NAME_TEXT = 2;

  private HeaderWriter() {}

  /** The first cluster of a new image: header, extensions, zeros. */
  public static ByteBuffer encode(Header header) {
    ByteBuffer out = ByteBuffer.allocate(header.geometry().clusterSize());
    out.putInt(HeaderField.MAGIC, HeaderField.MAGIC_VALUE);
    out.putInt(HeaderField.VERSION, header.version());
    out.putInt(HeaderField.CLUSTER_BITS, header.geometry().clusterBits());
    out.putLong(HeaderField.SIZE, header.size());
    out.putInt(HeaderField.L1_SIZE, header.l1Entries());
    out.putLong(HeaderField.L1_TABLE_OFFSET, header.l1Offset());
    out.putLong(HeaderField.REFCOUNT_TABLE_OFFSET, header.refcountTableOffset());
    out.putInt(HeaderField.REFCOUNT_TABLE_CLUSTERS, header.refcountTableClusters());
    if (header.version() == 2) {
      return out;
    }
    out.putLong(HeaderField.INCOMPATIBLE_FEATURES, header.incompatible());
    out.putLong(HeaderField.COMPATIBLE_FEATURES, header.compatible());
    out.putLong(HeaderField.AUTOCLEAR_FEATURES, header.autoclear());
    out.putInt(HeaderField.REFCOUNT_ORDER, header.geometry().refcountOrder());
    out.putInt(HeaderField.HEADER_LENGTH, HeaderField.VERSION3_LENGTH);
    putFeatureNames(out);
    return out;
  }

  /** As many whole rows as fit: the smallest cluster holds 512 bytes. */
  private static void putFeatureNames(ByteBuffer out) {
    int at = HeaderField.VERSION3_LENGTH;
    int room = out.limit() - at - 2 * HeaderExtension.PREFIX;
    List<Features.Name> names =
        Features.NAMES.subList(0, Math.min(Features.NAMES.size(), room / NAME_ROW));
    out.putInt(at, HeaderExtension.FEATURE_NAMES);
    out.putInt(at + Integer.BYTES, names.size() * NAME_ROW);
    at += HeaderExtension.PREFIX;
    for (Features.Name name : names) {
      out.put(at, (byte) name.type().code());
      out.put(at + 1, (byte) name.bit());
      out.put(at + NAME_TEXT, name.text().getBytes(StandardCharsets.US_ASCII));
      at += NAME_ROW;
    }
  }
}
