package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Reads and checks a header. Whatever it lets through may be used without further doubt. */
public final class HeaderParser {
  private static final int MAX_BACKING_NAME = 1023;

  private final ByteBuffer bytes;
  private final long fileSize;
  private final int version;
  private final Geometry geometry;

  private HeaderParser(ByteBuffer bytes, long fileSize) throws ImageFault {
    this.bytes = bytes;
    this.fileSize = fileSize;
    this.version = bytes.getInt(HeaderField.VERSION);
    int order = version == 2 ? Geometry.VERSION2_REFCOUNT_ORDER : refcountOrder();
    boolean extended =
        (version3(HeaderField.INCOMPATIBLE_FEATURES) & Features.INCOMPATIBLE_EXTENDED_L2) != 0;
    this.geometry = new Geometry(bytes.getInt(HeaderField.CLUSTER_BITS), order, extended);
  }

  /**
   * Cluster size of an image, so that the caller can read the whole first cluster.
   *
   * @param start the first bytes of the file, at least 104 unless the file is shorter
   * @throws ImageFault WRONG_FORMAT, UNSUPPORTED or CORRUPT
   */
  public static int clusterSize(ByteBuffer start) throws ImageFault {
    if (start.limit() < Integer.BYTES || start.getInt(0) != HeaderField.MAGIC_VALUE) {
      throw new ImageFault(
          ErrorKind.WRONG_FORMAT, HeaderField.MAGIC, "Image is not in qcow2 format");
    }
    require(start, HeaderField.VERSION + Integer.BYTES);
    long version = u32(start, HeaderField.VERSION);
    if (version != 2 && version != 3) {
      throw ImageFault.unsupported(HeaderField.VERSION, "Unsupported qcow2 version " + version);
    }
    require(start, version == 2 ? HeaderField.VERSION2_LENGTH : HeaderField.VERSION3_MIN_LENGTH);
    long bits = u32(start, HeaderField.CLUSTER_BITS);
    if (bits < Geometry.MIN_CLUSTER_BITS || bits > Geometry.MAX_CLUSTER_BITS) {
      throw ImageFault.corrupt(HeaderField.CLUSTER_BITS, "Unsupported cluster size: 2^" + bits);
    }
    return 1 << bits;
  }

  /**
   * Parses the header and its extensions.
   *
   * @param cluster the first cluster, or the whole file if that is shorter
   * @param fileSize length of the file in bytes
   * @throws ImageFault WRONG_FORMAT, UNSUPPORTED or CORRUPT, with the offset of the field
   */
  public static Header parse(ByteBuffer cluster, long fileSize) throws ImageFault {
    clusterSize(cluster);
    return new HeaderParser(cluster, fileSize).header();
  }

  /**
   * How the contents of an image are encrypted; of a header that is too short for the field they
   * are not.
   *
   * @param start the first bytes of the file
   */
  public static Encryption encryption(ByteBuffer start) throws ImageFault {
    return start.limit() < HeaderField.CRYPT_METHOD + Integer.BYTES
        ? Encryption.NONE
        : Encryption.of(start.getInt(HeaderField.CRYPT_METHOD));
  }

  private Header header() throws ImageFault {
    int length = headerLength();
    List<HeaderExtension> extensions = ExtensionParser.parse(bytes, length, backingNameOffset());
    long incompatible = version3(HeaderField.INCOMPATIBLE_FEATURES);
    // Features first: a bit that is not served may change the meaning of everything below.
    checkFeatures(incompatible, extensions);
    checkCompressionType(incompatible, length);
    Encryption encryption = Encryption.of(bytes.getInt(HeaderField.CRYPT_METHOD));
    checkSubclusters();
    long size = bytes.getLong(HeaderField.SIZE);
    if (size < 0) {
      throw ImageFault.corrupt(HeaderField.SIZE, "the disk size is beyond 2^63 bytes");
    }
    HeaderAreas areas = new HeaderAreas(bytes, geometry, fileSize);
    areas.check(size);
    return new Header(
        version,
        geometry,
        size,
        bytes.getInt(HeaderField.L1_SIZE),
        bytes.getLong(HeaderField.L1_TABLE_OFFSET),
        bytes.getLong(HeaderField.REFCOUNT_TABLE_OFFSET),
        bytes.getInt(HeaderField.REFCOUNT_TABLE_CLUSTERS),
        bytes.getInt(HeaderField.NB_SNAPSHOTS),
        bytes.getLong(HeaderField.SNAPSHOTS_OFFSET),
        incompatible,
        version3(HeaderField.COMPATIBLE_FEATURES),
        version3(HeaderField.AUTOCLEAR_FEATURES),
        length,
        extensions,
        encryption,
        names(extensions));
  }

  private int refcountOrder() throws ImageFault {
    long order = u32(bytes, HeaderField.REFCOUNT_ORDER);
    if (order > Geometry.MAX_REFCOUNT_ORDER) {
      throw ImageFault.corrupt(
          HeaderField.REFCOUNT_ORDER,
          "Reference count entry width too large; may not exceed 64 bits");
    }
    return (int) order;
  }

  private int headerLength() throws ImageFault {
    if (version == 2) {
      return HeaderField.VERSION2_LENGTH;
    }
    long length = u32(bytes, HeaderField.HEADER_LENGTH);
    if (length < HeaderField.VERSION3_MIN_LENGTH) {
      throw ImageFault.corrupt(HeaderField.HEADER_LENGTH, "qcow2 header too short");
    }
    if (length > bytes.limit()) {
      throw ImageFault.corrupt(HeaderField.HEADER_LENGTH, "qcow2 header exceeds cluster size");
    }
    if (length % Long.BYTES != 0) {
      throw ImageFault.corrupt(
          HeaderField.HEADER_LENGTH, "header_length is " + length + ", not a multiple of 8");
    }
    return (int) length;
  }

  /** A field that version 2 does not have reads as zero. */
  private long version3(int field) {
    return version == 2 ? 0 : bytes.getLong(field);
  }

  private void checkFeatures(long incompatible, List<HeaderExtension> extensions)
      throws ImageFault {
    List<String> names =
        Features.unserved(incompatible, ExtensionParser.featureNames(bytes, extensions));
    if (!names.isEmpty()) {
      throw ImageFault.unsupported(
          HeaderField.INCOMPATIBLE_FEATURES,
          "Unsupported qcow2 feature(s): " + String.join(", ", names));
    }
  }

  private void checkCompressionType(long incompatible, int length) throws ImageFault {
    boolean present = version == 3 && length > HeaderField.COMPRESSION_TYPE;
    int type = present ? Byte.toUnsignedInt(bytes.get(HeaderField.COMPRESSION_TYPE)) : 0;
    boolean flagged = (incompatible & Features.INCOMPATIBLE_COMPRESSION_TYPE) != 0;
    if (flagged != (type != 0)) {
      throw ImageFault.corrupt(
          HeaderField.COMPRESSION_TYPE,
          "qcow2: Compression type incompatible feature bit must "
              + (flagged ? "not be set" : "be set"));
    }
    if (type > 1) {
      throw ImageFault.unsupported(
          HeaderField.COMPRESSION_TYPE, "qcow2: unknown compression type: " + type);
    }
  }

  /** "Subclusters ... must not be smaller than a sector", section "Extended L2 Entries". */
  private void checkSubclusters() throws ImageFault {
    if (geometry.subclusterBits() < Geometry.MIN_CLUSTER_BITS) {
      throw ImageFault.unsupported(
          HeaderField.CLUSTER_BITS, "Unsupported subcluster size: " + geometry.subclusterSize());
    }
  }

  /** Where the backing file's name starts, or 0; extensions end there. */
  private long backingNameOffset() throws ImageFault {
    long offset = bytes.getLong(HeaderField.BACKING_FILE_OFFSET);
    if (offset == 0) {
      return 0;
    }
    long length = u32(bytes, HeaderField.BACKING_FILE_SIZE);
    if (length > MAX_BACKING_NAME) {
      throw ImageFault.corrupt(HeaderField.BACKING_FILE_SIZE, "Backing file name too long");
    }
    if (offset < 0 || offset > bytes.limit() - length) {
      throw ImageFault.corrupt(HeaderField.BACKING_FILE_OFFSET, "Invalid backing file offset");
    }
    return offset;
  }

  private Header.Names names(List<HeaderExtension> extensions) throws ImageFault {
    long offset = backingNameOffset();
    Optional<String> backing = Optional.empty();
    if (offset != 0) {
      int length = bytes.getInt(HeaderField.BACKING_FILE_SIZE);
      backing = Optional.of(ExtensionParser.exactText(bytes, (int) offset, length));
    }
    return new Header.Names(
        backing.filter(name -> !name.isEmpty()),
        ExtensionParser.name(bytes, extensions, HeaderExtension.BACKING_FORMAT),
        ExtensionParser.name(bytes, extensions, HeaderExtension.DATA_FILE));
  }

  private static void require(ByteBuffer start, int length) throws ImageFault {
    if (start.limit() < length) {
      throw ImageFault.corrupt(start.limit(), "Could not read qcow2 header");
    }
  }

  static long u32(ByteBuffer bytes, int offset) {
    return Integer.toUnsignedLong(bytes.getInt(offset));
  }
}
