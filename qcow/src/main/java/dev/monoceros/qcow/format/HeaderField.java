package dev.monoceros.qcow.format;

/** Byte offsets of the header fields, section "Header". */
public final class HeaderField {
  /** "QFI\xfb". */
  public static final int MAGIC_VALUE = 0x514649fb;

  public static final int MAGIC = 0;
  public static final int VERSION = 4;
  public static final int BACKING_FILE_OFFSET = 8;
  public static final int BACKING_FILE_SIZE = 16;
  public static final int CLUSTER_BITS = 20;
  public static final int SIZE = 24;
  public static final int CRYPT_METHOD = 32;
  public static final int L1_SIZE = 36;
  public static final int L1_TABLE_OFFSET = 40;
  public static final int REFCOUNT_TABLE_OFFSET = 48;
  public static final int REFCOUNT_TABLE_CLUSTERS = 56;
  public static final int NB_SNAPSHOTS = 60;
  public static final int SNAPSHOTS_OFFSET = 64;

  /** "For version 2, the header is exactly 72 bytes in length". */
  public static final int VERSION2_LENGTH = 72;

  public static final int INCOMPATIBLE_FEATURES = 72;
  public static final int COMPATIBLE_FEATURES = 80;
  public static final int AUTOCLEAR_FEATURES = 88;
  public static final int REFCOUNT_ORDER = 96;
  public static final int HEADER_LENGTH = 100;

  /** "For version 3 or higher, the header length is at least 104 bytes". */
  public static final int VERSION3_MIN_LENGTH = 104;

  public static final int COMPRESSION_TYPE = 104;

  /** The length QEMU writes since 5.1: compression type and its padding included. */
  public static final int VERSION3_LENGTH = 112;

  private HeaderField() {}
}
