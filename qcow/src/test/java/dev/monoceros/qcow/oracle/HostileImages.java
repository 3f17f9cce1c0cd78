package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Images of qemu-img's, changed such that they lie: about sizes, about places, and to make whoever
 * reads them run in circles.
 */
public final class HostileImages {
  private static final long OFFSET = 0x00ff_ffff_ffff_fe00L;
  private static final long COPIED = 1L << 63;
  private static final long COMPRESSED = 1L << 62;
  private static final int CLUSTER_BITS = 20;
  private static final int SIZE = 24;
  private static final int L1_SIZE = 36;
  private static final int L1_OFFSET = 40;
  private static final int TABLE_OFFSET = 48;
  private static final int TABLE_CLUSTERS = 56;
  private static final int SNAPSHOTS = 60;
  private static final int SNAPSHOTS_OFFSET = 64;
  private static final int INCOMPATIBLE = 72;
  private static final int BITMAPS_TYPE = 0x23852875;

  private final byte[] good;
  private final Map<String, Supplier<byte[]>> images = new LinkedHashMap<>();

  private HostileImages(byte[] good) {
    this.good = good;
  }

  /**
   * By what is wrong with them.
   *
   * @param all with every bit of an entry flipped in each kind of image, not only in one
   */
  public static Map<String, Supplier<byte[]>> make(Path directory, boolean all) throws IOException {
    Map<String, Supplier<byte[]>> found = new LinkedHashMap<>();
    for (Origin origin :
        new Origin[] {
          Origin.SNAPSHOT, Origin.BITMAPS, Origin.COMPRESSED, Origin.SUBCLUSTERS, Origin.WIDE
        }) {
      HostileImages hostile = new HostileImages(origin.make(directory));
      hostile.header();
      hostile.loops();
      if (all || origin == Origin.SNAPSHOT) {
        hostile.entries();
      }
      hostile.snapshots();
      hostile.bitmaps();
      hostile.images.forEach((name, image) -> found.put(origin + ": " + name, image));
    }
    return found;
  }

  private void add(String name, Consumer<ByteBuffer> damage) {
    images.put(
        name,
        () -> {
          byte[] bytes = good.clone();
          damage.accept(ByteBuffer.wrap(bytes));
          return bytes;
        });
  }

  private static void fill(ByteBuffer b, long at, long length, long value) {
    for (long i = at; i + 8 <= Math.min(at + length, b.limit()); i += 8) {
      b.putLong((int) i, value);
    }
  }

  private int cluster() {
    return 1 << ByteBuffer.wrap(good).getInt(CLUSTER_BITS);
  }

  private long field(int at) {
    return ByteBuffer.wrap(good).getLong(at);
  }

  private int l1() {
    return (int) field(L1_OFFSET);
  }

  private int l2() {
    return (int) (field(l1()) & OFFSET);
  }

  private int block() {
    return (int) field((int) field(TABLE_OFFSET));
  }

  private long l1Bytes() {
    return 8L * ByteBuffer.wrap(good).getInt(L1_SIZE);
  }

  private void header() {
    for (long size : new long[] {-1, Long.MAX_VALUE, 1L << 62, 1L << 40}) {
      add("a disk of " + size + " bytes", b -> b.putLong(SIZE, size));
    }
    for (int size : new int[] {-1, 1 << 31, 1 << 22, 1 << 20, 0}) {
      add("an L1 table of " + size, b -> b.putInt(L1_SIZE, size));
      add("a refcount table of " + size, b -> b.putInt(TABLE_CLUSTERS, size));
    }
    for (int field : new int[] {L1_OFFSET, TABLE_OFFSET, SNAPSHOTS_OFFSET}) {
      for (long place :
          new long[] {0, 512, 1L << 55, 1L << 56, 1L << 62, Long.MIN_VALUE, -cluster()}) {
        add("field %d is %x".formatted(field, place), b -> b.putLong(field, place));
      }
      add("field %d leads to the L2 table".formatted(field), b -> b.putLong(field, l2()));
    }
    add("the L1 table is the refcount table", b -> b.putLong(L1_OFFSET, field(TABLE_OFFSET)));
    for (long bits : new long[] {1, 2, 3, 4, 16, 20, -1}) {
      add("features %x".formatted(bits), b -> b.putLong(INCOMPATIBLE, bits));
    }
    add("an extension that never ends", b -> b.putInt(112, 77).putInt(116, -1));
    add("extensions of nothing", b -> fill(b, 112, cluster() - 112, 77L << 32));
    add("refcounts of another width", b -> b.putInt(96, 6));
  }

  private void loops() {
    add("one L2 table everywhere", b -> fill(b, l1(), l1Bytes(), COPIED | l2()));
    add("an L1 table that is its own L2 table", b -> fill(b, l1(), l1Bytes(), COPIED | l1()));
    add("an L1 table that leads to the header", b -> fill(b, l1(), l1Bytes(), COPIED));
    add("an L1 table over refcounts", b -> fill(b, l1(), l1Bytes(), COPIED | block()));
    add("an L2 table full of itself", b -> fill(b, l2(), cluster(), COPIED | l2()));
    add("one data cluster everywhere", b -> fill(b, l2(), cluster(), b.getLong(l2())));
    add("one refcount block everywhere", b -> fill(b, field(TABLE_OFFSET), cluster(), block()));
    add(
        "a refcount table full of itself",
        b -> fill(b, field(TABLE_OFFSET), cluster(), field(TABLE_OFFSET)));
    add("no refcounts", b -> fill(b, block(), cluster(), 0));
    add("refcounts of ones", b -> fill(b, block(), cluster(), -1));
    add("no refcount blocks", b -> fill(b, field(TABLE_OFFSET), cluster(), 0));
    add(
        "compressed clusters of one place, each as long as can be",
        b -> fill(b, l2(), cluster(), COMPRESSED | 0x3fffL << 48 | 3 * cluster() + 1));
    add("compressed zeros", b -> fill(b, l2(), cluster(), COMPRESSED));
    add("compressed ones", b -> fill(b, l2(), cluster(), -1));
  }

  private void entries() {
    for (int bit = 0; bit < Long.SIZE; bit++) {
      long flip = 1L << bit;
      add("bit " + bit + " of L1", b -> b.putLong(l1(), b.getLong(l1()) ^ flip));
      add("bit " + bit + " of L2", b -> b.putLong(l2(), b.getLong(l2()) ^ flip));
      add("bit " + bit + " alone in L2", b -> b.putLong(l2() + 8, flip));
      int table = (int) field(TABLE_OFFSET);
      add("bit " + bit + " of the refcount table", b -> b.putLong(table, b.getLong(table) ^ flip));
      add("a refcount block at bit " + bit, b -> b.putLong(table + 8, flip));
    }
  }

  private void snapshots() {
    int table = (int) field(SNAPSHOTS_OFFSET);
    for (int count : new int[] {-1, 65536, 65537, 2}) {
      add(count + " snapshots", b -> b.putInt(SNAPSHOTS, count));
      add(count + " snapshots nowhere", b -> b.putInt(SNAPSHOTS, count).putLong(64, 1L << 50));
      add(count + " snapshots in L2", b -> b.putInt(SNAPSHOTS, count).putLong(64, l2()));
    }
    if (table == 0) {
      return;
    }
    for (int extra : new int[] {0, 8, 1024, 1025, 1 << 30, -1}) {
      add("a snapshot with extra data of " + extra, b -> b.putInt(table + 36, extra));
    }
    for (int size : new int[] {0, -1, 1 << 22, (1 << 22) + 1}) {
      add("a snapshot with an L1 table of " + size, b -> b.putInt(table + 8, size));
    }
    for (long place : new long[] {0, 512, l1(), l2(), 1L << 56, 1L << 62, Long.MIN_VALUE}) {
      add("a snapshot with its L1 table at %x".formatted(place), b -> b.putLong(table, place));
    }
    add("a snapshot with long names", b -> b.putInt(table + 12, -1));
  }

  private void bitmaps() {
    int at = 112;
    ByteBuffer bytes = ByteBuffer.wrap(good);
    while (at < 500 && bytes.getInt(at) != BITMAPS_TYPE && bytes.getInt(at) != 0) {
      at += 8 + (bytes.getInt(at + 4) + 7 & -8);
    }
    if (at >= 500 || bytes.getInt(at) == 0) {
      return;
    }
    int extension = at + 8;
    int directory = (int) bytes.getLong(extension + 16);
    for (int count : new int[] {0, 1, 3, 65535, -1}) {
      add(count + " bitmaps", b -> b.putInt(extension, count));
    }
    for (long size : new long[] {0, 8, 1 << 20, 1 << 26, Long.MAX_VALUE, -1}) {
      add("a bitmap directory of " + size, b -> b.putLong(extension + 8, size));
    }
    for (long place : new long[] {0, l2(), 1L << 50, 1L << 62, Long.MIN_VALUE}) {
      add("a bitmap directory at %x".formatted(place), b -> b.putLong(extension + 16, place));
      add("a bitmap table at %x".formatted(place), b -> b.putLong(directory, place));
    }
    for (int size : new int[] {0, 1 << 17, 1 << 27, -1}) {
      add("a bitmap table of " + size, b -> b.putInt(directory + 8, size));
    }
    int table = (int) bytes.getLong(directory);
    for (long entry : new long[] {1, l2() | 1, 1L << 55, -1, block()}) {
      add("a bitmap table entry %x".formatted(entry), b -> b.putLong(table, entry));
    }
    add("an empty refcount width", b -> b.putInt(TABLE_CLUSTERS, 0));
  }
}
