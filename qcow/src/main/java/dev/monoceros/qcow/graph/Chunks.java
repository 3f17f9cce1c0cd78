package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.ImageException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Hands a segment on as byte buffers, which end at 2 GiB. */
final class Chunks {
  private static final long CHUNK = 1L << 30;

  private Chunks() {}

  /** One transfer of consecutive bytes. */
  interface Transfer {
    void at(long offset, ByteBuffer bytes) throws ImageException;
  }

  static void forEach(long offset, MemorySegment segment, Transfer transfer) throws ImageException {
    for (long done = 0; done < segment.byteSize(); done += CHUNK) {
      long length = Math.min(CHUNK, segment.byteSize() - done);
      transfer.at(offset + done, segment.asSlice(done, length).asByteBuffer());
    }
  }
}
