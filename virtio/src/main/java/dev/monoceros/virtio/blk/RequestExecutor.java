package dev.monoceros.virtio.blk;

import dev.monoceros.virtio.memory.GuestBuffers;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Carries a parsed request out and sets its outcome; publishes nothing. */
final class RequestExecutor {
  private final BlockBackend backend;
  private final MemorySegment id;
  private final BlkCounters counters;
  private final boolean unsafe;
  private boolean writeThrough;
  private IOException lastError;

  RequestExecutor(BlockBackend backend, BlkOptions options, BlkCounters counters) {
    this.backend = backend;
    this.unsafe = options.cache() == CacheMode.UNSAFE;
    this.id = MemorySegment.ofArray(options.idBytes());
    this.counters = counters;
  }

  /**
   * With {@code on} a write is on stable storage before it completes: what a driver without the
   * FLUSH feature relies on (5.2.6.2).
   */
  void setWriteThrough(boolean on) {
    writeThrough = on;
  }

  /** The last failure of the backend, for the log. */
  Optional<IOException> lastError() {
    return Optional.ofNullable(lastError);
  }

  void execute(BlkRequest request) {
    switch (request.kind()) {
      case READ -> read(request);
      case WRITE -> write(request);
      case FLUSH -> flush(request);
      case GET_ID -> answerId(request);
      case DISCARD, WRITE_ZEROES, SECURE_ERASE -> change(request);
      case UNSUPPORTED -> request.finish(BlkStatus.UNSUPP, 0);
      case INVALID -> request.finish(BlkStatus.IOERR, 0);
    }
    counters.count(request);
  }

  private void read(BlkRequest request) {
    GuestBuffers data = request.data();
    try {
      backend.read(request.offset(), data);
      request.finish(BlkStatus.OK, data.byteSize());
    } catch (IOException e) {
      fail(request, e);
    } finally {
      // A read that failed half way may have changed memory too.
      data.written();
    }
  }

  private void write(BlkRequest request) {
    try {
      backend.write(request.offset(), request.data());
      settle();
      request.finish(BlkStatus.OK, 0);
    } catch (IOException e) {
      fail(request, e);
    }
  }

  private void settle() throws IOException {
    if (writeThrough && !unsafe) {
      backend.flush();
    }
  }

  /** One range after the other; what came before a failure stays done. */
  private void change(BlkRequest request) {
    BlkRanges ranges = request.ranges();
    try {
      for (int i = 0; i < ranges.count(); i++) {
        switch (request.kind()) {
          case DISCARD -> backend.discard(ranges.offset(i), ranges.length(i));
          case SECURE_ERASE -> backend.secureErase(ranges.offset(i), ranges.length(i));
          default -> backend.writeZeroes(ranges.offset(i), ranges.length(i), ranges.mayUnmap(i));
        }
      }
      settle();
      request.finish(BlkStatus.OK, 0);
    } catch (IOException e) {
      fail(request, e);
    }
  }

  private void flush(BlkRequest request) {
    try {
      if (!unsafe) {
        backend.flush();
      }
      request.finish(BlkStatus.OK, 0);
    } catch (IOException e) {
      fail(request, e);
    }
  }

  private void answerId(BlkRequest request) {
    GuestBuffers data = request.data();
    long done = 0;
    for (int i = 0; i < data.count(); i++) {
      MemorySegment.copy(id, done, data.region(i), data.offset(i), data.length(i));
      done += data.length(i);
    }
    data.written();
    request.finish(BlkStatus.OK, done);
  }

  private void fail(BlkRequest request, IOException error) {
    lastError = error;
    request.finish(BlkStatus.IOERR, 0);
  }
}
