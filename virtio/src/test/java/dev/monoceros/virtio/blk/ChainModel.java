package dev.monoceros.virtio.blk;

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
  private final Header header;

  /** Header fields that a request's first 16 readable bytes would have, if it has as many. */
  record Header(long type, long sector, long capacity) {}

  ChainModel(List<Desc> queue, Map<Integer, List<Desc>> tables, Header header) {
    this.queue = queue;
    this.tables = tables;
    this.header = header;
  }

  Outcome outcome(int head) {
    List<Desc> chain = new ArrayList<>();
    if (!collect(chain, queue, head, false)) {
      return BROKEN;
    }
    long readable = 0;
    long writable = 0;
    boolean sound = true;
    Desc last = null;
    for (Desc desc : chain) {
      sound &= desc.length() > 0 && desc.inRam() && (desc.write() || writable == 0);
      if (desc.write()) {
        last = desc;
        writable += desc.length();
      } else {
        readable += desc.length();
      }
    }
    boolean answerable = last != null && last.inRam() && last.length() > 0;
    if (!answerable) {
      return BROKEN;
    }
    return sound ? request(readable, writable) : new Outcome(1, 0);
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

  private Outcome request(long readable, long writable) {
    long in = writable - 1;
    long out = readable - 16;
    if (readable < 16) {
      return refused(writable);
    }
    long left = (header.capacity() - header.sector()) * 512;
    if (header.type() == 0) {
      return out == 0 && in % 512 == 0 && in <= left ? new Outcome(0, writable) : refused(writable);
    }
    if (header.type() == 1) {
      return in == 0 && out % 512 == 0 && out <= left ? new Outcome(0, 1) : refused(writable);
    }
    if (header.type() == 4) {
      return new Outcome(0, writable == 1 ? 1 : 0);
    }
    if (header.type() == 8) {
      return in == 20 ? new Outcome(0, 21) : refused(writable);
    }
    return new Outcome(2, writable == 1 ? 1 : 0);
  }

  private static Outcome refused(long writable) {
    return new Outcome(1, writable == 1 ? 1 : 0);
  }
}
