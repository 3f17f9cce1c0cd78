package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/**
 * Replaces entries with the flag "reads as zero", which version 2 does not have: by no cluster at
 * all, or by one full of zeros where a backing file would show through.
 */
public final class ZeroExpansion {
  private final ImageRewrite rewrite;
  private final RefcountRewrite refcounts;
  private final boolean backed;

  /** Old L2 tables and what they became; asked by key only. */
  private final Map<Long, Long> done = new TreeMap<>();

  /**
   * @param backed whether there is a backing file
   */
  public ZeroExpansion(ImageRewrite rewrite, boolean backed) {
    this.rewrite = rewrite;
    this.refcounts = rewrite.refcounts();
    this.backed = backed;
  }

  /** The L1 table to use instead; those that share an L2 table go on sharing it. */
  public long[] expand(long[] l1) throws ImageFault {
    long[] result = l1.clone();
    for (int i = 0; i < l1.length; i++) {
      long old = TableEntry.hostOffset(l1[i]);
      if (old != 0) {
        Long now = done.get(old);
        if (now == null) {
          now = expandTable(l1[i]);
          done.put(old, now);
        }
        result[i] = now | (l1[i] & TableEntry.COPIED);
      }
    }
    return result;
  }

  private long expandTable(long l1Entry) throws ImageFault {
    long old = TableEntry.hostOffset(l1Entry);
    ByteBuffer l2 = L1Table.l2(rewrite.file(), rewrite.geometry(), l1Entry);
    long users = refcounts.get(old >>> rewrite.geometry().clusterBits());
    boolean changed = false;
    for (int at = 0; at < l2.capacity(); at += TableEntry.BYTES) {
      long entry = l2.getLong(at);
      switch (TableEntry.kind(entry)) {
        case ZERO_PLAIN, ZERO_ALLOCATED -> {
          l2.putLong(at, expandEntry(entry, users));
          changed = true;
        }
        case UNALLOCATED, DATA, COMPRESSED -> {}
      }
    }
    if (!changed) {
      return old;
    }
    refcounts.add(old, 1, -users);
    return placeFor(users, l2);
  }

  private long expandEntry(long entry, long users) throws ImageFault {
    if (TableEntry.hostOffset(entry) != 0) {
      refcounts.add(TableEntry.hostOffset(entry), 1, -users);
    }
    if (!backed) {
      return 0;
    }
    long zeros = placeFor(users, ByteBuffer.allocate(rewrite.geometry().clusterSize()));
    return users == 1 ? TableEntry.toOwned(zeros) : zeros;
  }

  private long placeFor(long users, ByteBuffer content) throws ImageFault {
    long offset = rewrite.place(content);
    refcounts.add(offset, 1, users - 1);
    return offset;
  }
}
