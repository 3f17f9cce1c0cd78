package dev.monoceros.qcow.admin;

import dev.monoceros.qcow.format.Geometry;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderDraft;
import dev.monoceros.qcow.format.HeaderLayout;
import dev.monoceros.qcow.format.HeaderParser;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/** The header where it lives. The file is read anew each time, so nothing here can go stale. */
public final class HeaderStore {
  private static final int SECTOR = 512;
  private static final int ALIGNMENT = 8;

  private final OrderedFile file;

  public HeaderStore(OrderedFile file) {
    this.file = file;
  }

  /** The header as the file holds it now. */
  public Header read() throws ImageFault {
    return HeaderParser.parse(cluster(), file.size());
  }

  /** The header as the file holds it now, to be changed. */
  public HeaderDraft draft() throws ImageFault {
    return HeaderDraft.of(cluster());
  }

  private ByteBuffer cluster() throws ImageFault {
    int clusterSize = HeaderParser.clusterSize(start(1 << Geometry.MIN_CLUSTER_BITS));
    return start(clusterSize);
  }

  private ByteBuffer start(int length) throws ImageFault {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(length, file.size()));
    file.read(bytes, 0);
    return bytes.flip();
  }

  /**
   * Replaces the header; only sectors that differ are written. Everything the new one points at
   * must be on disk and flushed. On return the new header is, too.
   *
   * <p>A cut leaves the old header or the new one: if more than the first sector changes, the new
   * extensions go first to a free part of the cluster, and a header_length that leads there makes
   * them valid with one sector; then the same once more to where they belong. Where a small cluster
   * or version 2 has no such room, the first sector goes last.
   *
   * @throws ImageFault NO_SPACE if the cluster is too small for it, with nothing written, and what
   *     writing throws
   */
  public void write(HeaderDraft draft) throws ImageFault {
    ByteBuffer before = padded(cluster(), 1 << draft.clusterBits());
    ByteBuffer after = draft.encode();
    HeaderParser.parse(after, file.size());
    if (sameTail(before, after)) {
      writeChanged(before, after, 0, SECTOR);
      file.barrier();
      return;
    }
    int area = Math.max(usedEnd(before), usedEnd(after));
    HeaderLayout interim = draft.version() == 2 ? null : displaced(draft, area);
    if (interim != null) {
      ByteBuffer far = copy(before);
      far.put(area, interim.cluster(), area, interim.end() - area);
      replace(before, far);
      far.put(0, interim.cluster(), 0, SECTOR);
      replace(before, far);
      // From here on the sectors between the fields and the displaced area are nobody's.
      far.put(SECTOR, after, SECTOR, area - SECTOR);
      replace(before, far);
    }
    ByteBuffer front = copy(after);
    int kept = interim == null ? SECTOR : area;
    front.put(kept, before, kept, before.capacity() - kept);
    if (interim == null) {
      writeChanged(before, after, SECTOR, after.capacity());
      file.barrier();
    }
    writeChanged(before, front, 0, SECTOR);
    file.barrier();
    before.put(0, front, 0, SECTOR);
    replace(before, after);
  }

  private static HeaderLayout displaced(HeaderDraft draft, int area) {
    try {
      return HeaderLayout.displaced(draft, area);
    } catch (ImageFault e) {
      // No room for both; the caller has another way.
      return null;
    }
  }

  /** Makes the file what {@code to} is, flushes, and keeps {@code current} in step. */
  private void replace(ByteBuffer current, ByteBuffer to) throws ImageFault {
    writeChanged(current, to, 0, to.capacity());
    file.barrier();
    current.put(0, to, 0, to.capacity());
  }

  private void writeChanged(ByteBuffer before, ByteBuffer after, int from, int to)
      throws ImageFault {
    for (int at = from; at < to; at += SECTOR) {
      if (!before.slice(at, SECTOR).equals(after.slice(at, SECTOR))) {
        file.write(after.slice(at, SECTOR), at);
      }
    }
  }

  private static boolean sameTail(ByteBuffer before, ByteBuffer after) {
    int length = after.capacity() - SECTOR;
    return before.slice(SECTOR, length).equals(after.slice(SECTOR, length));
  }

  /** First byte after what is in use, an end marker of zeros allowed for; at least a sector. */
  private static int usedEnd(ByteBuffer cluster) {
    int end = cluster.capacity();
    while (end > 0 && cluster.get(end - 1) == 0) {
      end--;
    }
    return Math.max(SECTOR, (end + 2 * ALIGNMENT - 1) & -ALIGNMENT);
  }

  private static ByteBuffer padded(ByteBuffer bytes, int length) {
    return ByteBuffer.allocate(length).put(bytes).clear();
  }

  private static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.capacity()).put(0, bytes, 0, bytes.capacity());
  }
}
