package dev.monoceros.virtio.blk;

/**
 * What a block device has done since it was made; resets do not clear it.
 *
 * @param reads reads given to the backend
 * @param writes writes given to the backend
 * @param flushes flushes asked for by the driver
 * @param identifications GET_ID requests answered
 * @param unsupported requests of unknown type, answered UNSUPP
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
    long unsupported,
    long refused,
    long failed,
    long bytesRead,
    long bytesWritten) {

  /** All requests together. */
  public long requests() {
    return reads + writes + flushes + identifications + unsupported + refused;
  }
}
