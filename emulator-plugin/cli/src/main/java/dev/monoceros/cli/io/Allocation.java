package dev.monoceros.cli.io;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.Extent;
import dev.monoceros.qcow.ImageException;

/** {@code alloc} and {@code map}: what the open image itself holds, backing files apart. */
final class Allocation {
  private static final String SECTOR = "512";

  private Allocation() {}

  /** {@code alloc offset [count]}. */
  static boolean count(Session session, Arguments arguments) {
    long offset = session.size(arguments.word(1));
    if (offset < 0) {
      return false;
    }
    long count = session.size(arguments.count() == 2 ? arguments.word(2) : SECTOR);
    if (count < 0) {
      return false;
    }
    DiskImage image = session.openFile().image();
    long within = Math.min(count, Math.max(0, image.size() - offset));
    long allocated = 0;
    try {
      long at = offset;
      while (at < offset + within) {
        Extent extent = image.ownExtent(at, offset + within - at);
        allocated += extent.allocated() ? extent.length() : 0;
        at = extent.end();
      }
    } catch (ImageException e) {
      session.out().line("is_allocated failed: " + Errno.of(e).text());
      return false;
    }
    session
        .out()
        .line(allocated + "/" + within + " bytes allocated at offset " + Report.size(offset));
    return true;
  }

  /** {@code map}. */
  static boolean map(Session session, Arguments arguments) {
    DiskImage image = session.openFile().image();
    try {
      long at = 0;
      while (at < image.size()) {
        Extent first = image.ownExtent(at, image.size() - at);
        long end = first.end();
        while (end < image.size()) {
          Extent next = image.ownExtent(end, image.size() - end);
          if (next.allocated() != first.allocated()) {
            break;
          }
          end = next.end();
        }
        print(session.out(), at, end, first.allocated());
        at = end;
      }
      return true;
    } catch (ImageException e) {
      session.out().error("Failed to get allocation status: " + Errno.of(e).text());
      return false;
    }
  }

  private static void print(Output out, long from, long end, boolean allocated) {
    long length = end - from;
    out.line(
        Report.size(length)
            + " (0x"
            + Long.toHexString(length)
            + ") bytes "
            + (allocated ? "    allocated" : "not allocated")
            + " at offset "
            + Report.size(from)
            + " (0x"
            + Long.toHexString(from)
            + ")");
  }
}
