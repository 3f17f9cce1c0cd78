package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A header that is being made or changed. What is not set stays as it was: reserved fields, unknown
 * extensions byte for byte, and the fields of a longer header that nobody here knows.
 */
public final class HeaderDraft {
  /** Longest name of a backing file in bytes, section "Header". */
  public static final int MAX_BACKING_NAME = 1023;

  /** In smaller clusters QEMU leaves the names of the features out. */
  private static final int ROOM_FOR_NAMES = 4096;

  /** The order QEMU writes them in; what it does not know comes last. */
  private static final List<Integer> ORDER =
      List.of(
          HeaderExtension.BACKING_FORMAT,
          HeaderExtension.DATA_FILE,
          HeaderExtension.FEATURE_NAMES,
          HeaderExtension.BITMAPS);

  /** An extension with its data; compared by nobody. */
  @SuppressWarnings("ArrayRecordComponent")
  record Extension(int type, byte[] data) {
    int rank() {
      int known = ORDER.indexOf(type);
      return known < 0 ? ORDER.size() : known;
    }
  }

  private final ByteBuffer fields;
  private final List<Extension> extensions = new ArrayList<>();
  private byte[] backingName = {};

  private HeaderDraft(int length) {
    fields = ByteBuffer.allocate(length);
  }

  /** A header of no tables. */
  public static HeaderDraft blank(int version, Geometry geometry) {
    HeaderDraft draft = new HeaderDraft(HeaderField.VERSION3_LENGTH);
    draft.fields.putInt(HeaderField.MAGIC, HeaderField.MAGIC_VALUE);
    draft.fields.putInt(HeaderField.CLUSTER_BITS, geometry.clusterBits());
    draft.version(version, geometry.refcountOrder());
    return draft;
  }

  /**
   * The header of an image.
   *
   * @param cluster the first cluster, which {@link HeaderParser} has let through
   */
  public static HeaderDraft of(ByteBuffer cluster) throws ImageFault {
    int version = cluster.getInt(HeaderField.VERSION);
    int length =
        version == 2 ? HeaderField.VERSION2_LENGTH : cluster.getInt(HeaderField.HEADER_LENGTH);
    HeaderDraft draft = new HeaderDraft(Math.max(length, HeaderField.VERSION3_LENGTH));
    draft.fields.put(0, cluster, 0, length);
    int nameOffset = (int) cluster.getLong(HeaderField.BACKING_FILE_OFFSET);
    if (nameOffset != 0) {
      draft.backingName = bytes(cluster, nameOffset, cluster.getInt(HeaderField.BACKING_FILE_SIZE));
    }
    for (HeaderExtension e : ExtensionParser.parse(cluster, length, nameOffset)) {
      draft.extensions.add(new Extension(e.type(), bytes(cluster, e.offset(), e.length())));
    }
    return draft;
  }

  private static byte[] bytes(ByteBuffer from, int offset, int length) {
    byte[] bytes = new byte[length];
    from.get(offset, bytes);
    return bytes;
  }

  public int version() {
    return fields.getInt(HeaderField.VERSION);
  }

  /**
   * @param order log2 of the refcount width; version 2 has one only and does not record it
   */
  public void version(int version, int order) {
    fields.putInt(HeaderField.VERSION, version);
    fields.putInt(HeaderField.REFCOUNT_ORDER, order);
    if (version == 2) {
      extensions.removeIf(e -> e.type() == HeaderExtension.FEATURE_NAMES);
    } else if (extension(HeaderExtension.FEATURE_NAMES).isEmpty()
        && clusterSize() - HeaderField.VERSION3_LENGTH >= ROOM_FOR_NAMES) {
      put(HeaderExtension.FEATURE_NAMES, FeatureTable.encode());
    }
  }

  public void size(long bytes) {
    fields.putLong(HeaderField.SIZE, bytes);
  }

  public void l1(long offset, int entries) {
    fields.putLong(HeaderField.L1_TABLE_OFFSET, offset);
    fields.putInt(HeaderField.L1_SIZE, entries);
  }

  public void refcountTable(long offset, int clusters) {
    fields.putLong(HeaderField.REFCOUNT_TABLE_OFFSET, offset);
    fields.putInt(HeaderField.REFCOUNT_TABLE_CLUSTERS, clusters);
  }

  public void snapshots(int count, long offset) {
    fields.putInt(HeaderField.NB_SNAPSHOTS, count);
    fields.putLong(HeaderField.SNAPSHOTS_OFFSET, offset);
  }

  public long incompatible() {
    return fields.getLong(HeaderField.INCOMPATIBLE_FEATURES);
  }

  public long compatible() {
    return fields.getLong(HeaderField.COMPATIBLE_FEATURES);
  }

  public long autoclear() {
    return fields.getLong(HeaderField.AUTOCLEAR_FEATURES);
  }

  /** Version 3 only. */
  public void features(long incompatible, long compatible, long autoclear) {
    fields.putLong(HeaderField.INCOMPATIBLE_FEATURES, incompatible);
    fields.putLong(HeaderField.COMPATIBLE_FEATURES, compatible);
    fields.putLong(HeaderField.AUTOCLEAR_FEATURES, autoclear);
  }

  /**
   * @param code 0 for deflate, 1 for zstd; its feature bit is the caller's to set
   */
  public void compressionType(int code) {
    fields.put(HeaderField.COMPRESSION_TYPE, (byte) code);
  }

  /** Data of the first extension of that type. */
  public Optional<byte[]> extension(int type) {
    return extensions.stream().filter(e -> e.type() == type).map(Extension::data).findFirst();
  }

  /** Sets the data of the extension of that type. */
  public void put(int type, byte[] data) {
    remove(type);
    extensions.add(new Extension(type, data));
    // Not Comparator.comparingInt, whose lambda the JVM's cache cannot hold: 2 ms of each start.
    extensions.sort((a, b) -> Integer.compare(a.rank(), b.rank()));
  }

  public void remove(int type) {
    extensions.removeIf(e -> e.type() == type);
  }

  /** Records the image below; a name of no characters says that there is none. */
  public void backing(String name, Optional<String> format) throws ImageFault {
    backingName = utf8(name);
    if (backingName.length > MAX_BACKING_NAME) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          ImageFault.NO_OFFSET,
          "the backing file's name is longer than " + MAX_BACKING_NAME + " bytes");
    }
    remove(HeaderExtension.BACKING_FORMAT);
    format
        .filter(f -> !name.isEmpty())
        .ifPresent(f -> put(HeaderExtension.BACKING_FORMAT, utf8(f)));
  }

  public void dataFile(String name) {
    put(HeaderExtension.DATA_FILE, utf8(name));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Where the extensions start when nothing is in the way. */
  int length() {
    return version() == 2 ? HeaderField.VERSION2_LENGTH : fields.capacity();
  }

  /** The first cluster, as QEMU lays it out. */
  public ByteBuffer encode() throws ImageFault {
    return HeaderLayout.of(this, length()).cluster();
  }

  public int clusterBits() {
    return fields.getInt(HeaderField.CLUSTER_BITS);
  }

  int clusterSize() {
    return 1 << clusterBits();
  }

  ByteBuffer fields() {
    return fields.duplicate().clear().limit(Math.min(length(), fields.capacity()));
  }

  List<Extension> extensions() {
    return extensions;
  }

  byte[] backingName() {
    return backingName;
  }
}
