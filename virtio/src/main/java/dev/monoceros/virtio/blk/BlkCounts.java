package dev.monoceros.virtio.blk;

/**
 * What a block device has done since it was made; resets do not clear it.
 *
 * @param reads reads given to the backend
 * @param writes writes given to the backend
 * @param flushes flushes asked for by the driver
 * @param identifications GET_ID requests answered
 * @param discards discards given to the backend
 * @param zeroings write-zeroes requests given to the backend
 * @param erasures secure erasures given to the backend
 * @param unsupported requests of unknown type or with unknown flags, answered UNSUPP
 * @param refused requests that broke a duty of the driver, not given to the backend
 * @param failed requests on which the backend failed
 * @param bytesRead bytes of successful reads
 * @param bytesWritten bytes of successful writes
 */
public record BlkCounts(
    long reads,
    long writes,
    long flushes,
    long identifications,
    long discards,
    long zeroings,
    long erasures,
    long unsupported,
    long refused,
    long failed,
    long bytesRead,
    long bytesWritten) {

  /** Of a device that has done nothing. */
  public static final BlkCounts NONE = new BlkCounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** All requests together. */
  public long requests() {
    return reads + writes + flushes + other();
  }

  /** All requests but reads, writes and flushes. */
  public long other() {
    return identifications + discards + zeroings + erasures + unsupported + refused;
  }

  /** What this and another device have done together. */
  public BlkCounts plus(BlkCounts b) {
    return new BlkCounts(
        reads + b.reads,
        writes + b.writes,
        flushes + b.flushes,
        identifications + b.identifications,
        discards + b.discards,
        zeroings + b.zeroings,
        erasures + b.erasures,
        unsupported + b.unsupported,
        refused + b.refused,
        failed + b.failed,
        bytesRead + b.bytesRead,
        bytesWritten + b.bytesWritten);
  }
}
