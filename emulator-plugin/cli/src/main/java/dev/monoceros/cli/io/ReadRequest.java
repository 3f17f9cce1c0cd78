package dev.monoceros.cli.io;

import java.nio.ByteBuffer;

/**
 * A read.
 *
 * @param operation what failed, if it fails
 * @param area the disk or what is behind it
 * @param check compares the bytes; null does not
 */
record ReadRequest(
    String operation, Area area, long offset, long bytes, PatternCheck check, ReadStyle style)
    implements Request {
  @Override
  public boolean perform(OpenFile file, Transfers transfers, Output out, Stopwatch clock) {
    try {
      Kept kept = new Kept(check);
      long nanos = transfers.read(file, area, offset, bytes, kept);
      boolean matched = check == null || check.report(out, offset);
      if (!style.quiet()) {
        if (style.dump()) {
          dump(file, transfers, out, kept);
        }
        Report.print(out, "read", clock.elapsed(nanos), offset, bytes, style.parsable());
      }
      return matched;
    } catch (RequestFailure e) {
      out.line(operation + " failed: " + e.errno().text());
      return false;
    }
  }

  /** What did not fit into memory at a time is read once more. */
  private void dump(OpenFile file, Transfers transfers, Output out, Kept kept)
      throws RequestFailure {
    if (Transfers.atOnce(bytes)) {
      HexDump.print(out, offset, kept.last);
    } else {
      transfers.read(
          file, area, offset, bytes, (done, piece) -> HexDump.print(out, offset + done, piece));
    }
  }

  /** Remembers where the last piece is. */
  private static final class Kept implements Transfers.Sink {
    private final PatternCheck check;
    private ByteBuffer last;

    Kept(PatternCheck check) {
      this.check = check;
    }

    @Override
    public void take(long done, ByteBuffer bytes) {
      last = bytes;
      if (check != null) {
        check.take(done, bytes);
      }
    }
  }
}
