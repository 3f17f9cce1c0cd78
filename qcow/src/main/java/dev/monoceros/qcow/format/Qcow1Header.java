package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The header of QCOW version 1, 48 bytes, as QEMU's block/qcow.c defines it. There are no
 * refcounts: clusters are taken from the end of the file and never given back.
 *
 * @param size of the virtual disk in bytes
 * @param clusterBits log2 of the cluster size, 9 to 16
 * @param l2Bits log2 of the number of entries in an L2 table, 6 to 13
 * @param l1Offset of the L1 table in the file
 * @param l1Entries as many as the disk needs; the table is within the file
 * @param encrypted by the old AES scheme
 * @param backing name of the backing file; its format is not recorded
 */
public record Qcow1Header(
    long size,
    int clusterBits,
    int l2Bits,
    long l1Offset,
    int l1Entries,
    boolean encrypted,
    Optional<String> backing) {
  public static final int VERSION_VALUE = 1;
  public static final int LENGTH = 48;
  public static final int MAX_BACKING_NAME = 1023;
  public static final int CRYPT_METHOD = 36;

  private static final int VERSION = 4;
  private static final int BACKING_FILE_OFFSET = 8;
  private static final int BACKING_FILE_SIZE = 16;
  private static final int SIZE = 24;
  private static final int CLUSTER_BITS = 32;
  private static final int L2_BITS = 33;
  private static final int L1_TABLE_OFFSET = 40;

  private static final int CRYPT_NONE = 0;
  private static final int CRYPT_AES = 1;
  private static final int MIN_CLUSTER_BITS = 9;
  private static final int MAX_CLUSTER_BITS = 16;
  private static final int ENTRY_BITS = 3;
  private static final int MAX_L1_ENTRIES = Integer.MAX_VALUE / TableEntry.BYTES;

  /** True if the file starts as a QCOW image of version 1 does. */
  public static boolean matches(ByteBuffer start) {
    return start.limit() >= VERSION + Integer.BYTES
        && start.getInt(HeaderField.MAGIC) == HeaderField.MAGIC_VALUE
        && start.getInt(VERSION) == VERSION_VALUE;
  }

  /**
   * How many bytes from the start of the file {@link #parse} needs: up to the backing name's end.
   */
  public static int needed(ByteBuffer start, long fileSize) {
    if (start.limit() < LENGTH) {
      return start.limit();
    }
    long end = start.getLong(BACKING_FILE_OFFSET) + u32(start, BACKING_FILE_SIZE);
    boolean plausible = end > 0 && end <= LENGTH + (1L << MAX_CLUSTER_BITS);
    return (int) Math.min(fileSize, plausible ? Math.max(LENGTH, end) : LENGTH);
  }

  /**
   * Parses and checks a header; the sentences are QEMU's.
   *
   * @param bytes the start of the file, as far as {@link #needed}
   * @param fileSize length of the file in bytes
   * @throws ImageFault WRONG_FORMAT, UNSUPPORTED or CORRUPT
   */
  public static Qcow1Header parse(ByteBuffer bytes, long fileSize) throws ImageFault {
    ByteBuffer header = ByteBuffer.allocate(Math.max(LENGTH, bytes.limit()));
    header.put(0, bytes, 0, bytes.limit());
    if (header.getInt(HeaderField.MAGIC) != HeaderField.MAGIC_VALUE) {
      throw new ImageFault(ErrorKind.WRONG_FORMAT, HeaderField.MAGIC, "Image not in qcow format");
    }
    requireVersion(u32(header, VERSION));
    long size = header.getLong(SIZE);
    if (size >= 0 && size <= 1) {
      throw ImageFault.corrupt(SIZE, "Image size is too small (must be at least 2 bytes)");
    }
    int clusterBits = Byte.toUnsignedInt(header.get(CLUSTER_BITS));
    if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS) {
      throw ImageFault.corrupt(CLUSTER_BITS, "Cluster size must be between 512 and 64k");
    }
    int l2Bits = Byte.toUnsignedInt(header.get(L2_BITS));
    if (l2Bits < MIN_CLUSTER_BITS - ENTRY_BITS || l2Bits > MAX_CLUSTER_BITS - ENTRY_BITS) {
      throw ImageFault.corrupt(L2_BITS, "L2 table size must be between 512 and 64k");
    }
    boolean encrypted = encrypted(header.getInt(CRYPT_METHOD));
    int l1Entries = l1Entries(size, clusterBits + l2Bits);
    long l1Offset = header.getLong(L1_TABLE_OFFSET);
    if (l1Offset < LENGTH || l1Offset > fileSize - (long) l1Entries * TableEntry.BYTES) {
      throw ImageFault.corrupt(L1_TABLE_OFFSET, "the L1 table is not within the file");
    }
    return new Qcow1Header(
        size,
        clusterBits,
        l2Bits,
        l1Offset,
        l1Entries,
        encrypted,
        backingName(header, bytes.limit()));
  }

  private static void requireVersion(long version) throws ImageFault {
    if (version == VERSION_VALUE) {
      return;
    }
    ImageFault fault =
        ImageFault.unsupported(VERSION, "qcow (v1) does not support qcow version " + version);
    throw version == 2 || version == 3 ? fault.withHint("Try the 'qcow2' driver instead.") : fault;
  }

  private static boolean encrypted(int method) throws ImageFault {
    return switch (method) {
      case CRYPT_NONE -> false;
      case CRYPT_AES -> true;
      default -> throw ImageFault.corrupt(CRYPT_METHOD, "invalid encryption method in qcow header");
    };
  }

  private static int l1Entries(long size, int shift) throws ImageFault {
    long unit = 1L << shift;
    long entries = size < 0 ? Long.MAX_VALUE : size / unit + (size % unit == 0 ? 0 : 1);
    if (entries > MAX_L1_ENTRIES) {
      throw ImageFault.corrupt(SIZE, "Image too large");
    }
    return (int) entries;
  }

  private static Optional<String> backingName(ByteBuffer header, int limit) throws ImageFault {
    long offset = header.getLong(BACKING_FILE_OFFSET);
    if (offset == 0) {
      return Optional.empty();
    }
    long length = u32(header, BACKING_FILE_SIZE);
    if (length > MAX_BACKING_NAME) {
      throw ImageFault.corrupt(BACKING_FILE_SIZE, "Backing file name too long");
    }
    if (offset < 0 || offset > limit - length) {
      throw ImageFault.corrupt(
          BACKING_FILE_OFFSET, "the backing file's name is not at the start of the file");
    }
    byte[] name = new byte[(int) length];
    header.get((int) offset, name);
    return Optional.of(new String(name, StandardCharsets.UTF_8));
  }

  private static long u32(ByteBuffer bytes, int offset) {
    return Integer.toUnsignedLong(bytes.getInt(offset));
  }

  /**
   * The header of a new image, in QEMU's layout: clusters of 4 KiB, but of 512 bytes over a backing
   * file, where less has to be copied for a small write.
   *
   * @param size of the disk, at least 1, a multiple of 512
   */
  public static Qcow1Header plan(long size, Optional<String> backing) throws ImageFault {
    if (size == 0) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION,
          ImageFault.NO_OFFSET,
          "Image size is too small, cannot be zero length");
    }
    int nameBytes = backing.map(name -> name.getBytes(StandardCharsets.UTF_8).length).orElse(0);
    if (nameBytes > MAX_BACKING_NAME) {
      throw new ImageFault(
          ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, "Backing file name too long");
    }
    int clusterBits = backing.isPresent() ? 9 : 12;
    int l2Bits = backing.isPresent() ? 12 : 9;
    int l1Entries = l1Entries(size, clusterBits + l2Bits);
    long l1Offset = (LENGTH + nameBytes + Long.BYTES - 1) & -Long.BYTES;
    return new Qcow1Header(size, clusterBits, l2Bits, l1Offset, l1Entries, false, backing);
  }

  /** The bytes before the L1 table. */
  public ByteBuffer encode() {
    ByteBuffer out = ByteBuffer.allocate((int) l1Offset);
    out.putInt(HeaderField.MAGIC, HeaderField.MAGIC_VALUE);
    out.putInt(VERSION, VERSION_VALUE);
    if (backing.isPresent()) {
      byte[] name = backing.get().getBytes(StandardCharsets.UTF_8);
      out.putLong(BACKING_FILE_OFFSET, LENGTH);
      out.putInt(BACKING_FILE_SIZE, name.length);
      out.put(LENGTH, name);
    }
    out.putLong(SIZE, size);
    out.put(CLUSTER_BITS, (byte) clusterBits);
    out.put(L2_BITS, (byte) l2Bits);
    out.putLong(L1_TABLE_OFFSET, l1Offset);
    return out;
  }

  /** Bytes. */
  public int clusterSize() {
    return 1 << clusterBits;
  }

  /** Bytes of an L2 table. */
  public int l2Bytes() {
    return 1 << (l2Bits + ENTRY_BITS);
  }

  /** First byte after the L1 table; nothing before it is data. */
  public long l1End() {
    return l1Offset + (long) l1Entries * TableEntry.BYTES;
  }

  public int l1Index(long guestOffset) {
    return (int) (guestOffset >>> (clusterBits + l2Bits));
  }

  public int l2Index(long guestOffset) {
    return (int) (guestOffset >>> clusterBits) & ((1 << l2Bits) - 1);
  }

  /** Offset within its cluster. */
  public int inCluster(long offset) {
    return (int) (offset & (clusterSize() - 1));
  }
}
