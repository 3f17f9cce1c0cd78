package dev.monoceros.qcow.oracle;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Changes words of an image's metadata, found by a parser that shares nothing with the library. */
public final class Damage {
  private static final int INCOMPATIBLE_FEATURES = 72;
  private static final long EXTENDED_L2 = 1 << 4;
  private static final long OFFSET = 0x00ff_ffff_ffff_fe00L;

  /** Index of the first kind of region that holds refcounts. */
  private static final int REFCOUNT_KINDS = 3;

  /** Part of the file, in whole words of eight bytes. */
  private record Region(long offset, long length) {}

  private final byte[] image;
  private final ByteBuffer bytes;
  private final SplittableRandom random;
  private final List<List<Region>> kinds = new ArrayList<>();
  private final int clusterSize;

  public Damage(byte[] good, long seed) {
    image = good.clone();
    bytes = ByteBuffer.wrap(image);
    random = new SplittableRandom(seed);
    clusterSize = 1 << bytes.getInt(20);
    long l1 = bytes.getLong(40);
    long l1Bytes = bytes.getInt(36) * 8L;
    long table = bytes.getLong(48);
    kinds.add(List.of(inFile(l1, l1Bytes)));
    kinds.add(pointedAt(l1, l1Bytes, OFFSET));
    kinds.add(pointedAt(l1, l1Bytes, OFFSET));
    kinds.add(List.of(new Region(table, clusterSize)));
    kinds.add(pointedAt(table, clusterSize, -512));
    kinds.add(pointedAt(table, clusterSize, -512));
    if (bytes.getInt(60) > 0) {
      long snapshots = bytes.getLong(64);
      kinds.add(List.of(inFile(snapshots, 88)));
      long copy = bytes.getLong((int) snapshots);
      kinds.add(List.of(inFile(copy, l1Bytes)));
      kinds.add(pointedAt(copy, l1Bytes, OFFSET));
    }
  }

  /** The last cluster of a file may be there in part only. */
  private Region inFile(long offset, long length) {
    return new Region(offset, Math.min(length, (image.length - offset) & -8));
  }

  private List<Region> pointedAt(long table, long length, long mask) {
    List<Region> found = new ArrayList<>();
    for (long at = table; at < table + inFile(table, length).length; at += 8) {
      long target = bytes.getLong((int) at) & mask;
      if (target != 0 && target + clusterSize <= image.length) {
        found.add(new Region(target, clusterSize));
      }
    }
    return found;
  }

  /** Damages {@code count} words and returns the image. */
  public byte[] apply(int count) {
    for (int i = 0; i < count; i++) {
      List<Region> kind = kinds.get(random.nextInt(kinds.size()));
      Region region = kind.get(random.nextInt(kind.size()));
      word(region);
    }
    return image;
  }

  /** Damages {@code count} words of the refcounts or copied flags, which costs no data. */
  public byte[] applyToRefcounts(int count) {
    for (int i = 0; i < count; i++) {
      int kind = random.nextInt(6);
      List<Region> regions = kinds.get(kind);
      Region region = regions.get(random.nextInt(regions.size()));
      if (kind >= REFCOUNT_KINDS) {
        word(region);
      } else {
        flipCopied(region);
      }
    }
    return image;
  }

  /** Of an entry, not of the bitmap beside it that extended L2 entries have. */
  private void flipCopied(Region region) {
    boolean extended = (bytes.getLong(INCOMPATIBLE_FEATURES) & EXTENDED_L2) != 0;
    int at = extended ? pick(region) & -16 : pick(region);
    long entry = bytes.getLong(at);
    boolean standard = (entry & 1L << 62) == 0 && (entry & OFFSET) != 0;
    bytes.putLong(at, standard ? entry ^ 1L << 63 : entry);
  }

  private void word(Region region) {
    int at = pick(region);
    long old = bytes.getLong(at);
    long value =
        switch (random.nextInt(8)) {
          case 0 -> 0;
          case 1 -> old ^ 1L << 63;
          case 2 -> old + clusterSize;
          case 3 -> bytes.getLong(pick(region));
          case 4 -> old ^ 1L << random.nextInt(9, 24);
          case 5 -> old + image.length;
          default -> old ^ 1L << random.nextInt(64);
        };
    bytes.putLong(at, value);
  }

  /** Mostly a word in use, if one is found soon. */
  private int pick(Region region) {
    int at = 0;
    for (int i = 0; i < 40; i++) {
      at = (int) (region.offset + 8 * random.nextLong(region.length / 8));
      if (bytes.getLong(at) != 0) {
        break;
      }
    }
    return at;
  }
}
