package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;

/** Which options go together, in QEMU's order and words. */
final class CreateChecks {
  private static final int MIN_EXTENDED_CLUSTER = 16384;
  private static final int SECTOR = 512;

  private CreateChecks() {}

  /** Fails if an option is given that would have to be lost in an image of that format. */
  static void format(CreateOptions o) throws ImageFault {
    boolean raw = o.format() == ImageFormat.RAW;
    require(o.format() != ImageFormat.PROBE, "the format of a new image must be named");
    require(!raw || o.backing().isEmpty(), "Backing file not supported for file format 'raw'");
    require(
        o.format() == ImageFormat.QCOW2 || o.dataFile().isEmpty(), "Invalid parameter 'data_file'");
    require(
        !raw || o.preallocation() != Preallocation.METADATA,
        "Unsupported preallocation mode: metadata");
  }

  /** Fails if there can be no such QCOW2 image. */
  static void qcow2(CreateOptions o) throws ImageFault {
    if (o.version() != 2 && o.version() != 3) {
      throw bad("the QCOW2 version must be 2 or 3");
    }
    long clusterSize = o.clusterSize();
    require(
        Long.bitCount(clusterSize) == 1
            && clusterSize >= 1 << Geometry.MIN_CLUSTER_BITS
            && clusterSize <= 1 << Geometry.MAX_CLUSTER_BITS,
        "Cluster size must be a power of two between 512 and 2048k");
    boolean version3 = o.version() >= 3;
    if (o.extendedL2()) {
      require(version3, "Extended L2 entries are only supported" + since3());
      require(
          clusterSize >= MIN_EXTENDED_CLUSTER,
          "Extended L2 entries are only supported with cluster sizes of at least "
              + MIN_EXTENDED_CLUSTER
              + " bytes");
    }
    require(
        o.backing().isEmpty() || o.preallocation() == Preallocation.OFF || o.extendedL2(),
        "Backing file and preallocation can only be used at the same time if extended_l2 is on");
    require(version3 || !o.lazyRefcounts(), "Lazy refcounts only supported" + since3());
    int bits = o.refcountBits();
    require(
        bits >= 1 && bits <= Long.SIZE && Integer.bitCount(bits) == 1,
        "Refcount width must be a power of two and may not exceed 64 bits");
    require(
        version3 || bits == CreateOptions.DEFAULT_REFCOUNT_BITS,
        "Different refcount widths than 16 bits require compatibility level 1.1 or above"
            + " (use version=v3 or greater)");
    dataFile(o, version3);
    require(
        version3 || o.compressionType() == CompressionType.ZLIB,
        "Non-zlib compression type is only supported" + since3());
  }

  private static void dataFile(CreateOptions o, boolean version3) throws ImageFault {
    require(!o.dataFileRaw() || o.dataFile().isPresent(), "data-file-raw requires data-file");
    require(
        !o.dataFileRaw() || o.backing().isEmpty(),
        "Backing file and data-file-raw cannot be used at the same time");
    require(
        version3 || o.dataFile().isEmpty(), "External data files are only supported" + since3());
  }

  private static String since3() {
    return " with compatibility level 1.1 and above (use version=v3 or greater)";
  }

  /** The size in whole sectors. */
  static long sectors(long size) throws ImageFault {
    if (size < 0 || size > Long.MAX_VALUE - SECTOR) {
      throw bad("the disk size " + size + " is out of range");
    }
    return (size + SECTOR - 1) & -SECTOR;
  }

  static void require(boolean condition, String otherwise) throws ImageFault {
    if (!condition) {
      throw bad(otherwise);
    }
  }

  static ImageFault bad(String sentence) {
    return new ImageFault(ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, sentence);
  }
}
