package dev.monoceros.qcow.copy;

import dev.monoceros.qcow.Bitmap;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.Preallocation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;

/** The size of image files before they are made, with the numbers of {@code qemu-img measure}. */
public final class SizeEstimate {
  private static final int ENTRY = 8;
  private static final int EXTENDED_ENTRY = 16;

  /** QEMU's bound on the L1 table in bytes. */
  private static final long MAX_L1 = 32L << 20;

  /** Fixed part of a bitmap directory entry, section "Bitmap directory". */
  private static final int DIRECTORY_ENTRY = 24;

  private SizeEstimate() {}

  /** False if an image with these options cannot be that large: its L1 table has a limit. */
  public static boolean fits(CreateOptions options) {
    long cluster = options.clusterSize();
    long perTable = cluster / entrySize(options);
    long clusters = divideUp(options.size(), cluster);
    return divideUp(clusters, perTable) * ENTRY <= MAX_L1;
  }

  /**
   * For a raw image.
   *
   * @param size of the disk in bytes
   */
  public static Measurement raw(long size) {
    long bytes = SectorDisk.roundUp(size);
    return new Measurement(bytes, bytes, OptionalLong.empty());
  }

  /** For an empty QCOW2 image with these options. */
  public static Measurement qcow2(CreateOptions options) {
    return measurement(options, options.size(), 0, OptionalLong.empty());
  }

  /**
   * For a QCOW2 image with these options and the contents of {@code source}, whose size it takes.
   *
   * @throws CopyException STATUS
   */
  public static Measurement qcow2(CreateOptions options, DiskImage source) throws CopyException {
    SectorDisk disk = SectorDisk.of(source);
    long cluster = options.clusterSize();
    // How much of its backing file the new image shares is not known: the worst is assumed.
    long data =
        options.backing().isPresent() ? roundUp(disk.length(), cluster) : data(disk, cluster);
    boolean bitmaps = options.version() >= 3 && hasBitmaps(source);
    return measurement(
        options,
        disk.length(),
        data,
        bitmaps ? OptionalLong.of(bitmaps(disk, cluster)) : OptionalLong.empty());
  }

  private static boolean hasBitmaps(DiskImage source) throws CopyException {
    try {
      return source.format() == ImageFormat.QCOW2
          && source.info().qcow2().map(q -> q.version() >= 3).orElse(false);
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.STATUS, 0, 0, e);
    }
  }

  private static Measurement measurement(
      CreateOptions options, long size, long data, OptionalLong bitmaps) {
    long cluster = options.clusterSize();
    long disk = roundUp(size, cluster);
    long full = fullFile(options, disk);
    Preallocation preallocation = options.preallocation();
    boolean everything =
        preallocation == Preallocation.FALLOC || preallocation == Preallocation.FULL;
    return new Measurement(full - disk + (everything ? disk : data), full, bitmaps);
  }

  /** Bytes of clusters that hold data. */
  private static long data(SectorDisk disk, long cluster) throws CopyException {
    long bytes = 0;
    long at = 0;
    while (at < disk.length()) {
      Extent run = status(disk, at);
      long end = run.end();
      if (run.data() && run.allocated() && !run.zero()) {
        end = roundUp(end, cluster);
        bytes += at % cluster + (end - at);
      }
      at = end;
    }
    return bytes;
  }

  private static Extent status(SectorDisk disk, long at) throws CopyException {
    try {
      return disk.run(at, disk.length() - at, true);
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.STATUS, 0, at, e);
    }
  }

  /** Header, L2 tables, L1 table, refcounts and data of a disk that is full. */
  private static long fullFile(CreateOptions options, long disk) {
    long cluster = options.clusterSize();
    long entry = entrySize(options);
    long l2Entries = roundUp(disk / cluster, cluster / entry);
    long l1Entries = roundUp(l2Entries * entry / cluster, cluster / ENTRY);
    long tables = cluster + l2Entries * entry + l1Entries * ENTRY;
    long refcounts = refcounts((tables + disk) / cluster, cluster, options.refcountBits());
    return tables + refcounts + disk;
  }

  /** Bytes of refcount blocks and table for so many clusters, themselves counted. */
  private static long refcounts(long clusters, long cluster, int bits) {
    long perBlock = cluster * 8 / bits;
    long blocks = 0;
    long table = 0;
    long before;
    long now = 0;
    do {
      before = now;
      blocks = divideUp(clusters + table + blocks, perBlock);
      table = divideUp(blocks, cluster / ENTRY);
      now = clusters + blocks + table;
    } while (now != before);
    return (blocks + table) * cluster;
  }

  /** Bitmaps as if every bit were stored, their tables, and the directory. */
  private static long bitmaps(SectorDisk disk, long cluster) throws CopyException {
    List<Bitmap> bitmaps;
    try {
      bitmaps = disk.image().bitmaps().list();
    } catch (ImageException e) {
      throw new CopyException(CopyException.Step.STATUS, 0, 0, e);
    }
    long bytes = 0;
    long directory = 0;
    for (Bitmap bitmap : bitmaps) {
      if (!bitmap.inUse()) {
        long bits = divideUp(disk.length(), bitmap.granularity());
        long clusters = divideUp(divideUp(bits, 8), cluster);
        bytes += clusters * cluster + roundUp(clusters * ENTRY, cluster);
        int name = bitmap.name().getBytes(StandardCharsets.UTF_8).length;
        directory += roundUp(DIRECTORY_ENTRY + name, 8);
      }
    }
    return bytes + roundUp(directory, cluster);
  }

  private static int entrySize(CreateOptions options) {
    return options.extendedL2() ? EXTENDED_ENTRY : ENTRY;
  }

  private static long divideUp(long amount, long unit) {
    return amount / unit + (amount % unit == 0 ? 0 : 1);
  }

  private static long roundUp(long amount, long unit) {
    return Math.multiplyExact(divideUp(amount, unit), unit);
  }
}
