package dev.monoceros.virtio.blk;

/**
 * How fast a disk may be in virtual time; 0 is no limit. A request beyond a rate is started later;
 * there are no bursts, so a run shows the same pace from its first request on. Reads, writes and
 * write-zeroes count; flushes and discards do not (as in QEMU).
 *
 * @param iopsTotal requests a second, reads and writes together
 * @param iopsRead reads a second
 * @param iopsWrite writes a second
 * @param bpsTotal bytes a second, reads and writes together
 * @param bpsRead bytes read a second
 * @param bpsWrite bytes written a second
 */
public record IoLimits(
    long iopsTotal, long iopsRead, long iopsWrite, long bpsTotal, long bpsRead, long bpsWrite) {
  /** No limits. */
  public static final IoLimits NONE = new IoLimits(0, 0, 0, 0, 0, 0);

  /** The highest rate that can be asked for: 10^12. */
  public static final long MOST = 1_000_000_000_000L;

  /**
   * Refuses rates above {@link #MOST} and below a sector a second with an {@link
   * IllegalArgumentException}.
   */
  public IoLimits {
    check(1, iopsTotal, iopsRead, iopsWrite);
    check(BlockBackend.SECTOR_SIZE, bpsTotal, bpsRead, bpsWrite);
  }

  private static void check(long least, long... rates) {
    for (long rate : rates) {
      if (rate != 0 && (rate < least || rate > MOST)) {
        throw new IllegalArgumentException(
            "an I/O limit is 0, for none, or from " + least + " to " + MOST + " a second");
      }
    }
  }
}
