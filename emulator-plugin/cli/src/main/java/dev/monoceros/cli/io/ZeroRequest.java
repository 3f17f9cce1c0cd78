package dev.monoceros.cli.io;

/**
 * A write of zeros without data.
 *
 * @param operation what failed, if it fails
 * @param fast whether it fails where zeros would have to be written
 * @param mayUnmap whether clusters may be given back
 */
record ZeroRequest(
    String operation,
    long offset,
    long bytes,
    boolean fast,
    boolean mayUnmap,
    boolean forceUnitAccess,
    WriteStyle style)
    implements Request {
  @Override
  public boolean perform(OpenFile file, Transfers transfers, Output out, Stopwatch clock) {
    try {
      Transfers.requireRange(file, Area.DISK, offset, bytes);
      long nanos =
          transfers.run(
              () -> {
                if (fast) {
                  FastZeroes.write(file.image(), offset, bytes, mayUnmap);
                } else {
                  file.image().writeZeroes(offset, bytes, mayUnmap);
                }
                if (file.flushes(forceUnitAccess)) {
                  file.image().flush();
                }
              });
      style.report(out, clock.elapsed(nanos), offset, bytes);
      return true;
    } catch (RequestFailure e) {
      out.line(operation + " failed: " + e.errno().text());
      return false;
    }
  }
}
