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
  private boolean writeThrough;
  private IOException lastError;

  RequestExecutor(BlockBackend backend, BlkOptions options, BlkCounters counters) {
    this.backend = backend;
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
      if (writeThrough) {
        backend.flush();
      }
      request.finish(BlkStatus.OK, 0);
    } catch (IOException e) {
      fail(request, e);
    }
  }

  private void flush(BlkRequest request) {
    try {
      backend.flush();
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
