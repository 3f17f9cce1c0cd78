package dev.monoceros.qcow.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * The image's only way to its file: whole transfers, a known length, faults that say where, and
 * {@link #barrier()}, from which every promise about the order of writes is made.
 */
public final class OrderedFile implements AutoCloseable {
  private static final int ZERO_CHUNK = 64 * 1024;
  private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(ZERO_CHUNK).asReadOnlyBuffer();

  /** The most bytes of a vector that are moved as one buffer. */
  private static final int PIECE = 1 << 30;

  private final ImageFile file;
  private long size;
  private boolean unforced;
  private long reads;
  private long writes;
  private long barriers;
  private long punchedBytes;
  private long writtenZeroBytes;

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

  /** The same into a piece of memory outside the heap, all of it. */
  public void read(MemorySegment target, long position) throws ImageFault {
    int got;
    try {
      got = file.read(target, position);
    } catch (IOException e) {
      throw ImageFault.host("read", position, e);
    }
    if (got == target.byteSize()) {
      reads++;
    } else {
      int done = Math.max(got, 0);
      read(target.asByteBuffer().position(done), position + done);
    }
  }

  /** Fills the next {@code length} bytes of a vector and advances it. */
  public void read(IoVector target, long length, long position) throws ImageFault {
    long done = 0;
    for (long got = 1; done < length && got > 0; done += Math.max(got, 0)) {
      got = file.read(target, length - done, position + done);
      if (got > 0) {
        reads++;
        target.advance(got);
      }
    }
    while (done < length) {
      ByteBuffer piece = target.piece(Math.min(length - done, PIECE));
      int bytes = piece.remaining();
      read(piece, position + done);
      target.advance(bytes);
      done += bytes;
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

  /** Writes the next {@code length} bytes of a vector and advances it. */
  public void write(IoVector source, long length, long position) throws ImageFault {
    unforced = true;
    long done = 0;
    for (long put = 1; done < length && put > 0; done += Math.max(put, 0)) {
      put = file.write(source, length - done, position + done);
      if (put > 0) {
        writes++;
        source.advance(put);
        size = Math.max(size, Math.addExact(position, done + put));
      }
    }
    while (done < length) {
      ByteBuffer piece = source.piece(Math.min(length - done, PIECE));
      int bytes = piece.remaining();
      write(piece, position + done);
      source.advance(bytes);
      done += bytes;
    }
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
    if (size >= length) {
      return;
    }
    writes++;
    unforced = true;
    try {
      file.extend(length);
    } catch (IOException e) {
      refreshSize();
      throw ImageFault.host("extend the file to", length, e);
    }
    size = length;
  }

  /**
   * Gives the blocks of a range back to the host, as far as it is within the file; it then reads as
   * zero.
   *
   * @return false if the host cannot: then nothing has happened
   */
  public boolean punchHole(long position, long length) throws ImageFault {
    long within = Math.min(length, size - position);
    if (within <= 0) {
      return true;
    }
    unforced = true;
    try {
      boolean done = file.punchHole(position, within);
      punchedBytes += done ? within : 0;
      return done;
    } catch (IOException e) {
      throw ImageFault.host("punch a hole", position, e);
    }
  }

  /**
   * Makes a range read as zero, growing the file to its end: by a call of the host where there is
   * one, by writing zeros where there is none.
   *
   * @param mayUnmap whether blocks of the host may be given back for it
   */
  public void zero(long position, long length, boolean mayUnmap) throws ImageFault {
    long within = Math.min(length, size - position);
    if (within > 0 && !zeroWithin(position, within, mayUnmap)) {
      writeZeroes(position, within);
      writtenZeroBytes += within;
    }
    extendTo(Math.addExact(position, length));
  }

  private boolean zeroWithin(long position, long length, boolean mayUnmap) throws ImageFault {
    if (mayUnmap && punchHole(position, length)) {
      return true;
    }
    unforced = true;
    try {
      return file.zeroRange(position, length);
    } catch (IOException e) {
      throw ImageFault.host("zero a range", position, e);
    }
  }

  /**
   * Takes blocks of the host for a range, growing the file to its end.
   *
   * @return false if the host cannot: then nothing has happened, and only writing would do it
   */
  public boolean allocate(long position, long length) throws ImageFault {
    unforced = true;
    try {
      if (!file.allocate(position, length)) {
        return false;
      }
      size = Math.max(size, Math.addExact(position, length));
      return true;
    } catch (IOException e) {
      refreshSize();
      throw ImageFault.host("allocate", position, e);
    }
  }

  /** First byte from {@code position} on that the host stores, or the length of the file. */
  public long nextData(long position) throws ImageFault {
    try {
      return file.nextData(position);
    } catch (IOException e) {
      throw ImageFault.host("look for data", position, e);
    }
  }

  /** First byte from {@code position} on that is in a hole, or the length of the file. */
  public long nextHole(long position) throws ImageFault {
    try {
      return file.nextHole(position);
    } catch (IOException e) {
      throw ImageFault.host("look for a hole", position, e);
    }
  }

  /** Bytes the file takes on the host, or -1 if the host does not tell. */
  public long allocatedBytes() throws ImageFault {
    try {
      return file.allocatedBytes();
    } catch (IOException e) {
      throw ImageFault.host("ask for the blocks of the file", ImageFault.NO_OFFSET, e);
    }
  }

  /** Whether the host makes and finds holes in this file. */
  public boolean knowsHoles() {
    return file.knowsHoles();
  }

  /** See {@link ImageFile#keepsNothing}. */
  public boolean keepsNothing() {
    return file.keepsNothing();
  }

  /** Fails with QEMU's sentence if the file has the one size it has. */
  public void requireResizable() throws ImageFault {
    try {
      file.requireResizable();
    } catch (IOException e) {
      throw ImageFault.host("resize the file", ImageFault.NO_OFFSET, e);
    }
  }

  /** Bytes given back to the host. */
  public long punchedBytes() {
    return punchedBytes;
  }

  /** Zeros written because the host had no better call. */
  public long writtenZeroBytes() {
    return writtenZeroBytes;
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
