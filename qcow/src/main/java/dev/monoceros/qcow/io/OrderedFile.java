package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The image's only way to its file: whole transfers, a known length, faults that say where, and
 * {@link #barrier()}, from which every promise about the order of writes is made.
 */
public final class OrderedFile implements AutoCloseable {
  private static final int ZERO_CHUNK = 64 * 1024;
  private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(ZERO_CHUNK).asReadOnlyBuffer();

  private final ImageFile file;
  private long size;
  private boolean unforced;
  private long reads;
  private long writes;
  private long barriers;

  public OrderedFile(ImageFile file) throws ImageFault {
    this.file = file;
    try {
      this.size = file.size();
    } catch (IOException e) {
      throw ImageFault.host("ask for the size of the file", ImageFault.NO_OFFSET, e);
    }
  }

  /** Name for messages. */
  public String name() {
    return file.name();
  }

  /** Tells the file what is about to be done. */
  public void event(BlockEvent event) {
    file.event(event);
  }

  /** Length in bytes; nobody else changes it while the file is locked. */
  public long size() {
    return size;
  }

  /** Fills {@code target}; bytes beyond the end of the file read as zero. */
  public void read(ByteBuffer target, long position) throws ImageFault {
    reads++;
    long at = position;
    while (target.hasRemaining()) {
      int got = readSome(target, at);
      if (got < 0) {
        if (at < size) {
          throw new ImageFault(
              ErrorKind.IO, at, "the file was cut short at offset " + at + " while it was open");
        }
        fillZero(target, target.remaining());
        return;
      }
      at += got;
    }
  }

  private int readSome(ByteBuffer target, long position) throws ImageFault {
    try {
      return file.read(target, position);
    } catch (IOException e) {
      throw ImageFault.host("read", position, e);
    }
  }

  /** Writes all of {@code source}; nothing is promised until the next {@link #barrier()}. */
  public void write(ByteBuffer source, long position) throws ImageFault {
    writes++;
    unforced = true;
    long end = Math.addExact(position, source.remaining());
    try {
      file.write(source, position);
    } catch (IOException e) {
      refreshSize();
      throw ImageFault.host("write", position, e);
    }
    size = Math.max(size, end);
  }

  /** Writes {@code length} zero bytes. */
  public void writeZeroes(long position, long length) throws ImageFault {
    long done = 0;
    while (done < length) {
      int chunk = (int) Math.min(length - done, ZERO_CHUNK);
      write(ZEROES.slice(0, chunk), position + done);
      done += chunk;
    }
  }

  /** Makes the file at least {@code length} bytes long; the new bytes are zero. */
  public void extendTo(long length) throws ImageFault {
    if (size < length) {
      writeZeroes(length - 1, 1);
    }
  }

  /** Cuts the file back to {@code length} bytes if it is longer. */
  public void cutTo(long length) throws ImageFault {
    if (size <= length) {
      return;
    }
    unforced = true;
    try {
      file.truncate(length);
      size = length;
    } catch (IOException e) {
      refreshSize();
      throw ImageFault.host("cut the file back to", length, e);
    }
  }

  /**
   * Everything written before is on disk before anything that is written after. Costs nothing if
   * nothing was written since the last one.
   */
  public void barrier() throws ImageFault {
    if (!unforced) {
      return;
    }
    barriers++;
    try {
      file.force();
    } catch (IOException e) {
      throw ImageFault.host("flush the file", ImageFault.NO_OFFSET, e);
    }
    unforced = false;
  }

  /** Puts {@code length} zero bytes into {@code target}. */
  public static void fillZero(ByteBuffer target, int length) {
    int done = 0;
    while (done < length) {
      int chunk = Math.min(length - done, ZERO_CHUNK);
      target.put(target.position(), ZEROES, 0, chunk);
      target.position(target.position() + chunk);
      done += chunk;
    }
  }

  /** A failed write may have grown the file by a part of it. */
  private void refreshSize() {
    try {
      size = file.size();
    } catch (IOException e) {
      // The failure being reported already says that the host file is in trouble.
    }
  }

  public long reads() {
    return reads;
  }

  public long writes() {
    return writes;
  }

  public long barriers() {
    return barriers;
  }

  @Override
  public void close() throws ImageFault {
    try {
      file.close();
    } catch (IOException e) {
      throw ImageFault.host("close the file", ImageFault.NO_OFFSET, e);
    }
  }
}
