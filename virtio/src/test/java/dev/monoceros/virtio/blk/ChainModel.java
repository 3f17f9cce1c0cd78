package dev.monoceros.virtio.blk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a chain of descriptors asks of a block device, said a second time and as simply as possible:
 * the tests' opinion of the outcome. Knows nothing of memory, only of the descriptors.
 */
final class ChainModel {
  /** A descriptor as the driver wrote it; {@code table} is the indirect table it points to. */
  record Desc(long address, long length, boolean write, boolean inRam, int table, int next) {
    static final int NONE = -1;
  }

  /** The expected outcome; a status of -1 means that no status can be written. */
  record Outcome(int status, long usedLength) {}

  private static final Outcome BROKEN = new Outcome(-1, 0);

  private final List<Desc> queue;
  private final Map<Integer, List<Desc>> tables;
  private final byte[] header;
  private final long capacity;

  /**
   * A model for a disk of {@code capacity} sectors; every readable descriptor points to the same
   * place, where {@code header} lies.
   */
  ChainModel(List<Desc> queue, Map<Integer, List<Desc>> tables, byte[] header, long capacity) {
    this.queue = queue;
    this.tables = tables;
    this.header = header;
    this.capacity = capacity;
  }

  Outcome outcome(int head) {
    List<Desc> chain = new ArrayList<>();
    return collect(chain, queue, head, false) ? outcome(chain, true) : BROKEN;
  }

  /**
   * The outcome of a chain of a packed ring: its descriptors in order, of which one may refer to a
   * table if it is the only one. What follows a misplaced table is still the driver's, so a status
   * behind it can be written.
   */
  static Outcome packed(
      List<Desc> ring, Map<Integer, List<Desc>> tables, byte[] header, long capacity) {
    ChainModel model = new ChainModel(ring, tables, header, capacity);
    Desc first = ring.getFirst();
    if (ring.size() == 1 && first.table() != Desc.NONE) {
      return model.outcome(
          tables.get(first.table()).stream().map(ChainModel::plain).toList(), true);
    }
    boolean sound = ring.stream().allMatch(desc -> desc.table() == Desc.NONE);
    int misplaced = 0;
    for (int i = 0; i < ring.size(); i++) {
      misplaced = ring.get(i).table() == Desc.NONE ? misplaced : i + 1;
    }
    return model.outcome(ring.subList(misplaced, ring.size()), sound);
  }

  /** A descriptor as it counts in a packed table, where there is no INDIRECT. */
  static Desc plain(Desc desc) {
    return new Desc(
        desc.address(), desc.length(), desc.write(), desc.inRam(), Desc.NONE, Desc.NONE);
  }

  private Outcome outcome(List<Desc> chain, boolean wellFormed) {
    long readable = 0;
    long writable = 0;
    boolean sound = wellFormed;
    Desc last = null;
    ByteBuffer start = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (Desc desc : chain) {
      sound &= desc.length() > 0 && desc.inRam() && (desc.write() || writable == 0);
      if (desc.write()) {
        last = desc;
        writable += desc.length();
      } else {
        readable += desc.length();
        start.put(header, 0, (int) Math.min(start.remaining(), Math.min(16, desc.length())));
      }
    }
    boolean answerable = last != null && last.inRam() && last.length() > 0;
    if (!answerable) {
      return BROKEN;
    }
    return sound ? request(readable, writable, start) : new Outcome(1, 0);
  }

  /** False if the chain cannot be followed to its end. */
  private boolean collect(List<Desc> chain, List<Desc> table, int first, boolean indirect) {
    int index = first;
    for (int steps = 0; steps < table.size(); steps++) {
      if (index >= table.size()) {
        return false;
      }
      Desc desc = table.get(index);
      if (desc.table() != Desc.NONE) {
        return !indirect
            && desc.next() == Desc.NONE
            && collect(chain, tables.get(desc.table()), 0, true);
      }
      chain.add(desc);
      if (desc.next() == Desc.NONE) {
        return true;
      }
      index = desc.next();
    }
    return false;
  }

  private Outcome request(long readable, long writable, ByteBuffer start) {
    if (readable < 16) {
      return refused(writable);
    }
    long in = writable - 1;
    long out = readable - 16;
    int type = start.getInt(0);
    long sector = start.getLong(8);
    if (type == 0) {
      return out == 0 && isOnDisk(sector, in) ? new Outcome(0, writable) : refused(writable);
    }
    if (type == 1) {
      return in == 0 && isOnDisk(sector, out) ? new Outcome(0, 1) : refused(writable);
    }
    if (type == 4) {
      return new Outcome(0, writable == 1 ? 1 : 0);
    }
    if (type == 8) {
      return in == 20 ? new Outcome(0, 21) : refused(writable);
    }
    return new Outcome(2, writable == 1 ? 1 : 0);
  }

  private boolean isOnDisk(long sector, long bytes) {
    return bytes % 512 == 0
        && sector >= 0
        && sector <= capacity
        && sector + bytes / 512 <= capacity;
  }

  private static Outcome refused(long writable) {
    return new Outcome(1, writable == 1 ? 1 : 0);
  }
}
