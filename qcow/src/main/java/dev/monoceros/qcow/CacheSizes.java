package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;

/**
 * How much of the metadata to keep in memory, by the rules of QEMU's qcow2 driver.
 *
 * @param l2 bytes for L2 tables
 * @param l2Entry bytes of an L2 table that are cached as one
 * @param refcounts bytes for refcount blocks
 */
record CacheSizes(long l2, int l2Entry, long refcounts) {
  private static final long MAX_AUTO_L2_CACHE = 32L << 20;
  private static final int AUTO_L2_ENTRY = 4096;
  private static final int MIN_L2_ENTRY = 512;
  private static final int MIN_REFCOUNT_BLOCKS = 4;

  static CacheSizes of(Header header, OpenOptions options) throws ImageFault {
    requireSizes(options);
    Geometry geometry = header.geometry();
    int entry = entry(geometry, options.l2CacheEntrySize());
    // Of whole tables; this is what covers the disk.
    long tables = geometry.l1EntriesFor(header.size());
    long cover =
        tables > MAX_COVER >>> geometry.clusterBits()
            ? MAX_COVER
            : tables << geometry.clusterBits();
    long least = (long) MIN_REFCOUNT_BLOCKS << geometry.clusterBits();
    boolean l2Set = options.l2CacheSize() != OpenOptions.AUTO;
    boolean refcountsSet = options.refcountCacheSize() != OpenOptions.AUTO;
    long l2 = Math.min(cover, l2Set ? options.l2CacheSize() : MAX_AUTO_L2_CACHE);
    long refcounts = refcountsSet ? options.refcountCacheSize() : least;
    long both = options.cacheSize();
    if (both != OpenOptions.AUTO) {
      if (l2Set) {
        refcounts = both - l2;
      } else if (refcountsSet) {
        l2 = both - refcounts;
      } else if (both >= cover + least) {
        l2 = cover;
        refcounts = both - cover;
      } else {
        refcounts = Math.min(both, least);
        l2 = both - refcounts;
      }
    }
    return new CacheSizes(l2, entry, refcounts);
  }

  private static final long MAX_COVER = 1L << 40;

  private static void requireSizes(OpenOptions options) throws ImageFault {
    long both = options.cacheSize();
    long l2 = options.l2CacheSize();
    long refcounts = options.refcountCacheSize();
    long auto = OpenOptions.AUTO;
    if (both < auto || l2 < auto || refcounts < auto || options.cacheCleanInterval() < 0) {
      throw bad("a cache size is negative");
    }
    if (both == auto) {
      return;
    }
    if (l2 != auto && refcounts != auto) {
      throw bad(
          "cache-size, l2-cache-size and refcount-cache-size may not be set at the same time");
    }
    if (l2 > both) {
      throw bad("l2-cache-size may not exceed cache-size");
    }
    if (refcounts > both) {
      throw bad("refcount-cache-size may not exceed cache-size");
    }
  }

  private static int entry(Geometry geometry, long wanted) throws ImageFault {
    int clusterSize = geometry.clusterSize();
    if (wanted == OpenOptions.AUTO) {
      return Math.min(AUTO_L2_ENTRY, clusterSize);
    }
    if (wanted < MIN_L2_ENTRY || wanted > clusterSize || Long.bitCount(wanted) != 1) {
      throw bad(
          "L2 cache entry size must be a power of two between "
              + MIN_L2_ENTRY
              + " and the cluster size ("
              + clusterSize
              + ")");
    }
    return (int) wanted;
  }

  private static ImageFault bad(String sentence) {
    return new ImageFault(ErrorKind.BAD_OPTION, ImageFault.NO_OFFSET, sentence);
  }
}
