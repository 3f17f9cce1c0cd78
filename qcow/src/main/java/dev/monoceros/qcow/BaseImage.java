package dev.monoceros.qcow;

import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.IoVector;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What every image has in common: the lock, the checks of the caller's arguments, and the
 * translation of faults. Below this class offsets are in range and the lock is held.
 */
abstract class BaseImage implements DiskImage {
  /** Segments are handed on as byte buffers, which end at 2 GiB. */
  private static final long CHUNK = 1L << 30;

  private static final int SECTOR = 512;

  private final Object lock = new Object();

  /** Guarded by the lock. */
  private final IoVector vector = new IoVector();

  private final Path path;
  private final boolean readOnly;
  private volatile long size;
  private boolean closed;
  private NodeContext context;

  BaseImage(Path path, long size, boolean readOnly) {
    this.path = path;
    this.size = size;
    this.readOnly = readOnly;
  }

  /** Fills the remaining bytes of {@code target}. */
  abstract void readAt(long offset, ByteBuffer target) throws ImageFault;

  /** Writes the remaining bytes of {@code source}. */
  abstract void writeAt(long offset, ByteBuffer source) throws ImageFault;

  abstract void zeroAt(long offset, long length, boolean mayUnmap) throws ImageFault;

  abstract void discardAt(long offset, long length) throws ImageFault;

  abstract void flushAll() throws ImageFault;

  abstract ImageStats currentStats();

  /** Describes at most {@code length} bytes of this image alone. */
  abstract Extent extentAt(long offset, long length) throws ImageFault;

  abstract ImageInfo currentInfo() throws ImageFault;

  ClusterCompressor compressor() throws ImageFault {
    throw unsupported("compressed clusters");
  }

  /** Writes one cluster whose stream is {@code packed}. */
  void writePackedAt(long offset, ByteBuffer packed) throws ImageFault {
    throw unsupported("compressed clusters");
  }

  void writeCompressedAt(long offset, ByteBuffer source) throws ImageFault {
    throw unsupported("compressed clusters");
  }

  void readVmStateAt(long offset, ByteBuffer target) throws ImageFault {
    throw unsupported("machine state");
  }

  void writeVmStateAt(long offset, ByteBuffer source) throws ImageFault {
    throw unsupported("machine state");
  }

  void resizeTo(long newSize, Preallocation preallocation) throws ImageFault {
    throw unsupported("resizing");
  }

  /** Gives every byte of a new disk its place. */
  void preallocateNow(Preallocation mode) throws ImageFault {
    throw unsupported("preallocation");
  }

  void amendNow(AmendOptions options, Progress progress) throws ImageFault {
    throw unsupported("changing options");
  }

  void changeBackingNow(Optional<BackingReference> reference) throws ImageFault {
    throw unsupported("backing files");
  }

  void makeEmptyNow() throws ImageFault {
    throw unsupported("giving up all data");
  }

  CheckReport checkNow(Repair repair) throws ImageFault {
    throw unsupported("checks");
  }

  final ImageFault unsupported(String what) {
    return new ImageFault(
        ErrorKind.UNSUPPORTED,
        ImageFault.NO_OFFSET,
        "is a " + format().qemuName() + " image, a format without " + what);
  }

  /** The image below, or null. */
  BaseImage base() {
    return null;
  }

  /** Writes what is only written when the image is closed; it has been flushed. */
  void finishAll() throws ImageFault {}

  /** Releases the file; the image has been flushed. */
  abstract void closeAll() throws ImageFault;

  @Override
  public final long size() {
    return size;
  }

  @Override
  public final boolean readOnly() {
    return readOnly;
  }

  @Override
  public final void read(long offset, ByteBuffer target) throws ImageException {
    requireRange(offset, target.remaining());
    synchronized (lock) {
      requireOpen();
      try {
        readAt(offset, target);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.READ, e);
      }
    }
  }

  @Override
  public final void read(long offset, MemorySegment target) throws ImageException {
    requireRange(offset, target.byteSize());
    synchronized (lock) {
      requireOpen();
      try {
        readSegment(offset, target);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.READ, e);
      }
    }
  }

  @Override
  public final void read(long offset, List<MemorySegment> targets) throws ImageException {
    requireRange(offset, totalOf(targets));
    synchronized (lock) {
      requireOpen();
      try {
        if (targets.size() > 1 && IoVector.takes(targets)) {
          move(offset, targets, this::readAcross, this::readAt);
          return;
        }
        long at = offset;
        for (MemorySegment target : targets) {
          readSegment(at, target);
          at += target.byteSize();
        }
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.READ, e);
      }
    }
  }

  /**
   * Fills the next pieces of {@code target} with what is stored in one run from {@code offset} on,
   * and advances it.
   *
   * @return how many bytes, 0 if there is no such run or it is of no use here
   */
  long readAcross(long offset, IoVector target) throws ImageFault {
    return 0;
  }

  private void readSegment(long offset, MemorySegment target) throws ImageFault {
    for (long done = 0; done < target.byteSize(); done += CHUNK) {
      readAt(offset + done, chunk(target, done));
    }
  }

  @Override
  public final void write(long offset, ByteBuffer source) throws ImageException {
    requireRange(offset, source.remaining());
    synchronized (lock) {
      requireOpen();
      requireWritable(Operation.WRITE);
      try {
        writeAt(offset, source);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.WRITE, e);
      }
    }
  }

  @Override
  public final void write(long offset, MemorySegment source) throws ImageException {
    requireRange(offset, source.byteSize());
    synchronized (lock) {
      requireOpen();
      requireWritable(Operation.WRITE);
      try {
        writeSegment(offset, source);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.WRITE, e);
      }
    }
  }

  @Override
  public final void write(long offset, List<MemorySegment> sources) throws ImageException {
    requireRange(offset, totalOf(sources));
    synchronized (lock) {
      requireOpen();
      requireWritable(Operation.WRITE);
      try {
        if (sources.size() > 1 && IoVector.takes(sources)) {
          move(offset, sources, this::writeAcross, this::writeAt);
          return;
        }
        long at = offset;
        for (MemorySegment source : sources) {
          writeSegment(at, source);
          at += source.byteSize();
        }
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.WRITE, e);
      }
    }
  }

  /** One run after the other with {@code across}, and what is none a piece at a time. */
  private void move(long offset, List<MemorySegment> pieces, MoveAcross across, MovePiece single)
      throws ImageFault {
    vector.begin(pieces, totalOf(pieces));
    try {
      long at = offset;
      while (vector.remaining() > 0) {
        long moved = vector.inPiece() < vector.remaining() ? across.move(at, vector) : 0;
        if (moved == 0) {
          ByteBuffer piece = vector.piece(CHUNK);
          moved = piece.remaining();
          single.move(at, piece);
          vector.advance(moved);
        }
        at += moved;
      }
    } finally {
      vector.end();
    }
  }

  /** Writes the next pieces of {@code source} over one run, as {@link #readAcross} reads. */
  long writeAcross(long offset, IoVector source) throws ImageFault {
    return 0;
  }

  private void writeSegment(long offset, MemorySegment source) throws ImageFault {
    for (long done = 0; done < source.byteSize(); done += CHUNK) {
      writeAt(offset + done, chunk(source, done));
    }
  }

  @Override
  public final void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageException {
    change(Operation.WRITE_ZEROES, offset, length, () -> zeroAt(offset, length, mayUnmap));
  }

  @Override
  public final void discard(long offset, long length) throws ImageException {
    change(Operation.DISCARD, offset, length, () -> discardAt(offset, length));
  }

  private void change(Operation operation, long offset, long length, Change change)
      throws ImageException {
    requireRange(offset, length);
    synchronized (lock) {
      requireOpen();
      requireWritable(operation);
      try {
        change.make();
      } catch (ImageFault e) {
        throw ImageException.of(path, operation, e);
      }
    }
  }

  @Override
  public final void writeCompressed(long offset, ByteBuffer source) throws ImageException {
    change(Operation.WRITE, offset, source.remaining(), () -> writeCompressedAt(offset, source));
  }

  @Override
  public final ClusterCompressor newCompressor() throws ImageException {
    return locked(Operation.WRITE, this::compressor);
  }

  @Override
  public final void writePrecompressed(long offset, ByteBuffer packed) throws ImageException {
    change(Operation.WRITE, offset, 1, () -> writePackedAt(offset, packed));
  }

  @Override
  public final void readVmState(long offset, ByteBuffer target) throws ImageException {
    locked(
        Operation.READ,
        () -> {
          readVmStateAt(offset, target);
          return target;
        });
  }

  @Override
  public final void writeVmState(long offset, ByteBuffer source) throws ImageException {
    changing(Operation.WRITE, () -> writeVmStateAt(offset, source));
  }

  @Override
  public final Extent ownExtent(long offset, long length) throws ImageException {
    requireRange(offset, length);
    return locked(Operation.MAP, () -> extentAt(offset, length));
  }

  @Override
  public final Extent extent(long offset, long length) throws ImageException {
    requireRange(offset, length);
    return locked(Operation.MAP, () -> extentThrough(offset, length));
  }

  private Extent extentThrough(long offset, long length) throws ImageFault {
    Extent own = extentAt(offset, length);
    BaseImage below = base();
    if (own.allocated() || below == null) {
      return own;
    }
    if (offset >= below.size) {
      // Beyond the end of a shorter backing file the disk reads as zero, and no image says so.
      return new Extent(
          offset, own.length(), 0, false, false, true, false, Extent.NO_OFFSET, Optional.empty());
    }
    Extent e = below.extentFromAbove(offset, Math.min(own.length(), below.size - offset));
    return new Extent(
        e.offset(),
        e.length(),
        e.depth() + 1,
        e.allocated(),
        e.data(),
        e.zero(),
        e.compressed(),
        e.fileOffset(),
        e.file());
  }

  /** For the image above, which has made sure that the range is within this disk. */
  final void readFromAbove(long offset, ByteBuffer target) throws ImageFault {
    synchronized (lock) {
      requireOpen();
      readAt(offset, target);
    }
  }

  /** The same for how it is stored, through all the images below. */
  final Extent extentFromAbove(long offset, long length) throws ImageFault {
    synchronized (lock) {
      requireOpen();
      return extentThrough(offset, length);
    }
  }

  /** Closes this image with the one above. */
  final void closeFromAbove() throws ImageFault {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        closeAll();
      }
    }
  }

  @Override
  public final Optional<DiskImage> backing() {
    return Optional.ofNullable(base());
  }

  /** Called once, before the image is handed out. */
  final void standIn(NodeContext graph) {
    context = graph;
  }

  @Override
  public String driver() {
    return context == null ? format().qemuName() : context.driver();
  }

  @Override
  public final ImageInfo info() throws ImageException {
    ImageInfo info = locked(Operation.MAP, this::currentInfo);
    return context == null ? info : info.named(context);
  }

  @Override
  public Snapshots snapshots() {
    return new NoSnapshots(this);
  }

  @Override
  public Bitmaps bitmaps() {
    return new NoBitmaps(this);
  }

  @Override
  public final void resize(long newSize, Preallocation preallocation, boolean shrink)
      throws ImageException {
    change(
        Operation.RESIZE,
        0,
        0,
        () -> {
          boolean whole = newSize % SECTOR == 0 || format() == ImageFormat.RAW;
          if (newSize < 0 || !whole) {
            throw new ImageFault(
                ErrorKind.BAD_OPTION,
                ImageFault.NO_OFFSET,
                "The new size must be a multiple of " + SECTOR);
          }
          if (newSize < size && preallocation != Preallocation.OFF) {
            throw new ImageFault(
                ErrorKind.BAD_OPTION,
                ImageFault.NO_OFFSET,
                "Preallocation can't be used for shrinking an image");
          }
          if (newSize < size && !shrink) {
            throw new ImageFault(
                ErrorKind.BAD_OPTION,
                ImageFault.NO_OFFSET,
                "would lose data beyond " + newSize + " bytes; allow shrinking to do that");
          }
          resizeTo(newSize, preallocation);
          size = Math.ceilDiv(newSize, SECTOR) * SECTOR;
        });
  }

  @Override
  public final void amend(AmendOptions options, Progress progress) throws ImageException {
    change(Operation.AMEND, 0, 0, () -> amendNow(options, progress));
  }

  @Override
  public final void changeBacking(Optional<BackingReference> backing) throws ImageException {
    change(Operation.AMEND, 0, 0, () -> changeBackingNow(backing));
  }

  @Override
  public final void makeEmpty() throws ImageException {
    change(Operation.DISCARD, 0, 0, this::makeEmptyNow);
  }

  @Override
  public final CheckReport check(Repair repair) throws ImageException {
    synchronized (lock) {
      requireOpen();
      if (repair != Repair.NONE) {
        requireWritable(Operation.CHECK);
      }
      try {
        return checkNow(repair);
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.CHECK, e);
      }
    }
  }

  /** For subclasses whose disk changes its size by other ways than {@link #resize}. */
  final void setSize(long newSize) {
    size = newSize;
  }

  /** Runs a call that changes nothing, under the lock. */
  final <T> T locked(Operation operation, Look<T> look) throws ImageException {
    synchronized (lock) {
      requireOpen();
      try {
        return look.take();
      } catch (ImageFault e) {
        throw ImageException.of(path, operation, e);
      }
    }
  }

  /** Runs a change of the image as a whole, under the lock. */
  final void changing(Operation operation, Change change) throws ImageException {
    change(operation, 0, 0, change);
  }

  final Path path() {
    return path;
  }

  @Override
  public final void flush() throws ImageException {
    synchronized (lock) {
      requireOpen();
      try {
        flushAll();
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.FLUSH, e);
      }
    }
  }

  @Override
  public final ImageStats stats() {
    synchronized (lock) {
      return currentStats();
    }
  }

  @Override
  public final void close() throws ImageException {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      try {
        flushAndRelease();
      } catch (ImageFault e) {
        throw ImageException.of(path, Operation.CLOSE, e);
      }
    }
  }

  private void flushAndRelease() throws ImageFault {
    try {
      flushAll();
      finishAll();
    } catch (ImageFault e) {
      try {
        closeAll();
      } catch (ImageFault again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    closeAll();
  }

  @Override
  public final String toString() {
    return path + " (" + format() + ", " + size + " bytes)";
  }

  private void requireRange(long offset, long length) {
    Objects.checkFromIndexSize(offset, length, size);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException(path + ": the image is closed");
    }
  }

  private void requireWritable(Operation operation) throws ImageException {
    if (readOnly) {
      throw new ImageException(
          path,
          operation,
          ErrorKind.READ_ONLY,
          ImageException.NO_OFFSET,
          "is open for reading only");
    }
  }

  private static long totalOf(List<MemorySegment> segments) {
    long total = 0;
    for (MemorySegment segment : segments) {
      total = Math.addExact(total, segment.byteSize());
    }
    return total;
  }

  private static ByteBuffer chunk(MemorySegment segment, long from) {
    if (from == 0 && segment.byteSize() <= CHUNK) {
      return segment.asByteBuffer();
    }
    return segment.asSlice(from, Math.min(CHUNK, segment.byteSize() - from)).asByteBuffer();
  }

  interface Look<T> {
    T take() throws ImageFault;
  }

  private interface MoveAcross {
    long move(long offset, IoVector vector) throws ImageFault;
  }

  private interface MovePiece {
    void move(long offset, ByteBuffer piece) throws ImageFault;
  }

  interface Change {
    void make() throws ImageFault;
  }
}
