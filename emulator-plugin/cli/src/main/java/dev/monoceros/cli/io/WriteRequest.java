package dev.monoceros.cli.io;

/**
 * A write.
 *
 * @param operation what failed, if it fails
 * @param source of the bytes
 * @param style what is printed
 */
record WriteRequest(
    String operation,
    Area area,
    long offset,
    long bytes,
    Transfers.Source source,
    boolean forceUnitAccess,
    WriteStyle style)
    implements Request {
  @Override
  public boolean perform(OpenFile file, Transfers transfers, Output out, Stopwatch clock) {
    try {
      boolean flush = file.flushes(forceUnitAccess);
      long nanos = transfers.write(file, area, offset, bytes, source, flush);
      style.report(out, clock.elapsed(nanos), offset, bytes);
      return true;
    } catch (RequestFailure e) {
      out.line(operation + " failed: " + e.errno().text());
      return false;
    }
  }
}
