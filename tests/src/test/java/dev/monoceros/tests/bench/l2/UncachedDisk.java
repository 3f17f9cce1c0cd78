package dev.monoceros.tests.bench.l2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A control: the L1 table in memory and nothing else, a cluster at a time, as the code had it that
 * the cache was written for. Each piece reads either the whole L2 table or the one entry it needs.
 * Only for images all of whose clusters are allocated.
 */
final class UncachedDisk implements Disk {
  private static final int CLUSTER_BITS = 16;
  private static final int CLUSTER = 1 << CLUSTER_BITS;
  private static final int L2_BITS = CLUSTER_BITS - 3;
  private static final int L1_SIZE = 36;
  private static final int L1_TABLE_OFFSET = 40;
  private static final long OFFSET = 0x00ff_ffff_ffff_fe00L;

  private final FileChannel channel;
  private final long[] l1;
  private final boolean wholeTable;
  private final ByteBuffer table = ByteBuffer.allocateDirect(CLUSTER);
  private final ByteBuffer entry = ByteBuffer.allocateDirect(Long.BYTES);

  private UncachedDisk(FileChannel channel, long[] l1, boolean wholeTable) {
    this.channel = channel;
    this.l1 = l1;
    this.wholeTable = wholeTable;
  }

  static UncachedDisk open(Path path, boolean wholeTable) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    ByteBuffer header = ByteBuffer.allocate(104);
    channel.read(header, 0);
    ByteBuffer entries = ByteBuffer.allocate(header.getInt(L1_SIZE) * Long.BYTES);
    channel.read(entries, header.getLong(L1_TABLE_OFFSET));
    long[] l1 = new long[header.getInt(L1_SIZE)];
    entries.flip().asLongBuffer().get(l1);
    return new UncachedDisk(channel, l1, wholeTable);
  }

  private long hostOffset(long offset) throws IOException {
    long tableOffset = l1[(int) (offset >>> CLUSTER_BITS + L2_BITS)] & OFFSET;
    int at = (int) (offset >>> CLUSTER_BITS & (1 << L2_BITS) - 1) * Long.BYTES;
    long host;
    if (wholeTable) {
      fill(table.clear(), tableOffset);
      host = table.getLong(at) & OFFSET;
    } else {
      fill(entry.clear(), tableOffset + at);
      host = entry.getLong(0) & OFFSET;
    }
    if (host == 0) {
      throw new IOException("nothing is allocated at " + offset);
    }
    return host + (offset & CLUSTER - 1);
  }

  private void fill(ByteBuffer target, long position) throws IOException {
    if (channel.read(target, position) < 0 || target.hasRemaining()) {
      throw new IOException("the image is too short");
    }
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    int limit = target.limit();
    for (long at = offset; target.position() < limit; ) {
      int piece = piece(at, limit - target.position());
      fill(target.limit(target.position() + piece), hostOffset(at));
      target.limit(limit);
      at += piece;
    }
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    int limit = source.limit();
    for (long at = offset; source.position() < limit; ) {
      int piece = piece(at, limit - source.position());
      source.limit(source.position() + piece);
      channel.write(source, hostOffset(at));
      source.limit(limit);
      at += piece;
    }
  }

  private static int piece(long at, int wanted) {
    return Math.min(wanted, CLUSTER - (int) (at & CLUSTER - 1));
  }

  @Override
  public void flush() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
