package dev.monoceros.cli.disk;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The bytes of a virtual disk or of a part of it. */
public interface DiskReader {
  /** Bytes there are. */
  long size();

  /**
   * Fills {@code target} from {@code offset} on.
   *
   * @throws DiskFormatException if the disk ends before
   */
  void read(long offset, ByteBuffer target) throws IOException;

  /** Reads {@code length} bytes; multi-byte values are little-endian. */
  default LittleEndianBytes read(long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    read(offset, buffer);
    return new LittleEndianBytes(buffer.array());
  }

  /** The part from {@code begin} on, {@code length} bytes or as many as there are. */
  default DiskReader slice(long begin, long length) {
    DiskReader whole = this;
    long from = Math.clamp(begin, 0, size());
    long bytes = Math.clamp(length, 0, size() - from);
    return new DiskReader() {
      @Override
      public long size() {
        return bytes;
      }

      @Override
      public void read(long offset, ByteBuffer target) throws IOException {
        if (offset < 0 || offset > bytes - target.remaining()) {
          throw new DiskFormatException(
              "something at byte " + offset + " lies outside the partition's " + bytes + " bytes");
        }
        whole.read(from + offset, target);
      }
    };
  }
}
