package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.copy.SizeEstimate;

/** What {@code measure} refuses, as QEMU's {@code qcow2_measure} does, in its order. */
final class MeasureChecks {
  private static final long LEAST_CLUSTER = 512;
  private static final long MOST_CLUSTER = 2L << 20;
  private static final long LEAST_EXTENDED = 16384;
  private static final int MOST_BITS = 64;
  private static final int VERSION_2_BITS = 16;

  private MeasureChecks() {}

  static void check(CreateOptions options) throws RefusedException {
    long cluster = options.clusterSize();
    if (Long.bitCount(cluster) != 1 || cluster < LEAST_CLUSTER || cluster > MOST_CLUSTER) {
      throw new RefusedException("Cluster size must be a power of two between 512 and 2048k");
    }
    if (options.extendedL2() && cluster < LEAST_EXTENDED) {
      throw new RefusedException(
          "Extended L2 entries are only supported with cluster sizes of at least "
              + LEAST_EXTENDED
              + " bytes");
    }
    int bits = options.refcountBits();
    if (bits < 1 || bits > MOST_BITS || Integer.bitCount(bits) != 1) {
      throw new RefusedException(
          "Refcount width must be a power of two and may not exceed 64 bits");
    }
    if (options.version() < 3 && bits != VERSION_2_BITS) {
      throw new RefusedException(
          "Different refcount widths than 16 bits require compatibility level 1.1 or above (use"
              + " compat=1.1 or greater)");
    }
    if (!SizeEstimate.fits(options)) {
      throw new RefusedException("The image size is too large (try using a larger cluster size)");
    }
  }
}
