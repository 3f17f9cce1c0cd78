package dev.monoceros.qcow.check;

import dev.monoceros.qcow.format.RefcountCodec;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * One counter per cluster, as wide as the image's refcounts. Pages are made when their first
 * counter is set, so that neither a sparse file's length nor a few far references cost much.
 */
final class RefcountArray {
  private static final int PAGE_BYTES = 512;
  private static final int CHUNK_BITS = 12;
  private static final int CHUNK = 1 << CHUNK_BITS;

  /** A page's share of the heap: its bytes and the objects around them. */
  private static final int PAGE_COST = PAGE_BYTES + 80;

  private final RefcountCodec codec;
  private final int pageBits;
  private final long max;
  private final long pageLimit;
  private ByteBuffer[][] chunks = new ByteBuffer[1][];
  private long pages;
  private long size;

  /**
   * @param order log2 of a counter's width in bits
   * @param heap bytes that may be used at most
   */
  RefcountArray(int order, long size, long heap) {
    this.codec = new RefcountCodec(order);
    this.pageBits = Integer.numberOfTrailingZeros(PAGE_BYTES * Byte.SIZE) - order;
    this.max = order == 6 ? -1L : (1L << (1 << order)) - 1;
    this.pageLimit = heap / PAGE_COST;
    this.size = size;
  }

  /** Number of clusters in view. */
  long size() {
    return size;
  }

  void growTo(long newSize) {
    size = Math.max(size, newSize);
  }

  /** Largest value of a counter, unsigned. */
  long max() {
    return max;
  }

  long get(long cluster) {
    ByteBuffer page = page(cluster >>> pageBits);
    return page == null ? 0 : codec.get(page, index(cluster));
  }

  void set(long cluster, long value) throws CheckStopped {
    ByteBuffer page = page(cluster >>> pageBits);
    if (page == null) {
      if (value == 0) {
        return;
      }
      page = addPage(cluster >>> pageBits);
    }
    codec.set(page, index(cluster), value);
  }

  /** First cluster from {@code cluster} on that may be counted, at most {@link #size}. */
  long skipAbsent(long cluster) {
    long at = cluster;
    while (at < size) {
      long number = at >>> pageBits;
      int chunk = (int) (number >>> CHUNK_BITS);
      if (chunk >= chunks.length) {
        return size;
      }
      if (chunks[chunk] == null) {
        at = (chunk + 1L) << (CHUNK_BITS + pageBits);
      } else if (page(number) == null) {
        at = (number + 1) << pageBits;
      } else {
        return at;
      }
    }
    return size;
  }

  void clear() {
    chunks = new ByteBuffer[1][];
    pages = 0;
  }

  /** The counters of {@code count} clusters as a refcount block holds them. */
  ByteBuffer block(long first, int bytes) {
    ByteBuffer block = ByteBuffer.allocate(bytes);
    for (int at = 0; at < bytes; at += PAGE_BYTES) {
      ByteBuffer page = page((first >>> pageBits) + at / PAGE_BYTES);
      if (page != null) {
        block.put(at, page, 0, PAGE_BYTES);
      }
    }
    return block;
  }

  private int index(long cluster) {
    return (int) (cluster & ((1L << pageBits) - 1));
  }

  private ByteBuffer page(long number) {
    int chunk = (int) (number >>> CHUNK_BITS);
    if (chunk >= chunks.length || chunks[chunk] == null) {
      return null;
    }
    return chunks[chunk][(int) (number & (CHUNK - 1))];
  }

  private ByteBuffer addPage(long number) throws CheckStopped {
    if (++pages > pageLimit) {
      throw new CheckStopped(CheckStopped.NO_MEMORY);
    }
    int chunk = (int) (number >>> CHUNK_BITS);
    if (chunk >= chunks.length) {
      chunks = Arrays.copyOf(chunks, Math.max(chunk + 1, chunks.length * 2));
    }
    if (chunks[chunk] == null) {
      chunks[chunk] = new ByteBuffer[CHUNK];
    }
    ByteBuffer page = ByteBuffer.allocate(PAGE_BYTES);
    chunks[chunk][(int) (number & (CHUNK - 1))] = page;
    return page;
  }
}
