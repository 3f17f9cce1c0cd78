package dev.monoceros.virtio.blk;

/** Running counts of what the executor did; {@link BlkCounts} is the reader's view. */
final class BlkCounters {
  private long reads;
  private long writes;
  private long flushes;
  private long identifications;
  private long discards;
  private long zeroings;
  private long erasures;
  private long unsupported;
  private long refused;
  private long failed;
  private long bytesRead;
  private long bytesWritten;

  /** Counts an executed request. */
  void count(BlkRequest request) {
    boolean ok = request.status() == BlkStatus.OK;
    switch (request.kind()) {
      case READ -> {
        reads++;
        bytesRead += ok ? request.data().byteSize() : 0;
      }
      case WRITE -> {
        writes++;
        bytesWritten += ok ? request.data().byteSize() : 0;
      }
      case FLUSH -> flushes++;
      case GET_ID -> identifications++;
      case DISCARD -> discards++;
      case WRITE_ZEROES -> zeroings++;
      case SECURE_ERASE -> erasures++;
      case UNSUPPORTED -> unsupported++;
      case INVALID -> refused++;
    }
    if (request.status() == BlkStatus.IOERR && request.kind() != BlkRequest.Kind.INVALID) {
      failed++;
    }
  }

  BlkCounts counts() {
    return new BlkCounts(
        reads,
        writes,
        flushes,
        identifications,
        discards,
        zeroings,
        erasures,
        unsupported,
        refused,
        failed,
        bytesRead,
        bytesWritten);
  }
}
