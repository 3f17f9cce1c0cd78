package dev.monoceros.qcow;

import dev.monoceros.qcow.codec.ClusterCompressor;
import dev.monoceros.qcow.io.ImageFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A virtual disk in an image file. Offsets and lengths are in bytes of the virtual disk; any
 * alignment is allowed.
 *
 * <p>Safe for use by several threads: one lock per image serializes all calls. Data moves straight
 * between the file and the given buffer where the buffer is direct or the segment native; heap
 * buffers cost the JDK's copy.
 *
 * <p>An access outside 0 to {@link #size()} is the caller's mistake and throws {@link
 * IndexOutOfBoundsException}; use after {@link #close} throws {@link IllegalStateException}. What
 * the file or the host does wrong is an {@link ImageException}, after which the image may still be
 * used: a failed write has changed nothing but, possibly, the bytes it was to write, and may be
 * repeated. Where the position of a buffer is after a failure is not defined. The exception is a
 * write that would have hit metadata: it marks the image corrupt and is the last one until a
 * repair.
 *
 * <p>Any method but {@link #close} that reads the file throws {@link ImageException} of the kinds
 * IO, CORRUPT and UNSUPPORTED (a table that cannot be followed, a compressed cluster that cannot be
 * unpacked); any that changes it also READ_ONLY and NO_SPACE. Only further kinds are named below.
 *
 * <p>Written data survives a power cut after the next {@link #flush()}. Until then a cut leaves an
 * image that opens, with the data of the flush before and at worst some leaked clusters.
 */
public interface DiskImage extends AutoCloseable {
  /**
   * Opens an image file and locks it.
   *
   * @throws ImageException of any kind but READ_ONLY, EXISTS and FORMAT_GUARD
   */
  static DiskImage open(Path path, OpenOptions options) throws ImageException {
    return ImageOpener.open(path, options);
  }

  /**
   * Opens an image in a file of the caller's making, which is closed with the image.
   *
   * @throws ImageException if it cannot be opened; the file is closed then, too
   */
  static DiskImage open(ImageFile file, OpenOptions options) throws ImageException {
    return ImageOpener.open(file, options);
  }

  /**
   * Creates an image file and opens it for reading and writing. Where the image cannot be written
   * no new image file is left.
   *
   * @throws ImageException BAD_OPTION (options that do not go together, in QEMU's words), EXISTS,
   *     LOCKED, NOT_FOUND (the directory), ACCESS_DENIED, NO_SPACE and IO
   */
  static DiskImage create(Path path, CreateOptions options) throws ImageException {
    return ImageCreator.create(path, options);
  }

  /** Size of the virtual disk in bytes. */
  long size();

  /** What the image was found to be: QCOW2, QCOW or RAW. */
  ImageFormat format();

  /**
   * What QEMU calls the driver that serves this image: the format's name, or that of the protocol
   * or filter that stands on top, such as {@code file} or {@code throttle}.
   */
  default String driver() {
    return format().qemuName();
  }

  /** Unit of allocation in bytes; 1 for a raw image, which has none. */
  int clusterSize();

  /** True if writes are refused. */
  boolean readOnly();

  /** Reads into the remaining bytes of {@code target}, whose position moves to its limit. */
  void read(long offset, ByteBuffer target) throws ImageException;

  /** Fills {@code target}, a native segment or one over a {@code byte[]}. */
  void read(long offset, MemorySegment target) throws ImageException;

  /** Fills the targets one after the other with consecutive bytes of the disk. */
  void read(long offset, List<MemorySegment> targets) throws ImageException;

  /**
   * Writes the remaining bytes of {@code source}, whose position moves to its limit.
   *
   * @throws ImageException FORMAT_GUARD for the first sector of a raw image whose format was
   *     probed, if it would make it an image of another format
   */
  void write(long offset, ByteBuffer source) throws ImageException;

  /** Writes all of {@code source}, a native segment or one over a {@code byte[]}. */
  void write(long offset, MemorySegment source) throws ImageException;

  /** Writes the sources one after the other to consecutive bytes of the disk. */
  void write(long offset, List<MemorySegment> sources) throws ImageException;

  /**
   * Makes a range read as zero.
   *
   * @param mayUnmap true if its clusters may be given back; false keeps them where the format can
   *     express it (version 3)
   */
  void writeZeroes(long offset, long length, boolean mayUnmap) throws ImageException;

  /**
   * Says that a range is no longer needed. Whole clusters of a QCOW2 image are given back and read
   * as zero, the rest of the range keeps its contents. A raw image reads as zero there if the host
   * can punch holes, and else keeps its contents. Nothing happens in a QCOW image of version 1, nor
   * with {@link DiscardMode#IGNORE}.
   */
  void discard(long offset, long length) throws ImageException;

  /** Returns once everything written before is safe from a power cut. */
  void flush() throws ImageException;

  /**
   * Writes clusters compressed where that makes them smaller. The range must not be allocated yet.
   *
   * @param offset a multiple of the cluster size
   * @param source whole clusters, or up to the end of the disk; its position moves to its limit
   * @throws ImageException UNSUPPORTED for a format without compression, and as {@link #write}
   */
  void writeCompressed(long offset, ByteBuffer source) throws ImageException;

  /**
   * A compressor for this image's compression type, for one thread at a time: so that clusters can
   * be packed on several threads and written in order. The caller closes it.
   *
   * @throws ImageException UNSUPPORTED for a format without compression
   */
  ClusterCompressor newCompressor() throws ImageException;

  /**
   * Writes one cluster that {@link #newCompressor} packed. Its range must not be allocated yet. A
   * cluster that is incompressible is written with {@link #write} instead.
   *
   * @param offset a multiple of the cluster size; a cluster that the end of the disk cuts off was
   *     packed with zeros behind its data
   * @param packed the stream, shorter than a cluster; its position moves to its limit
   * @throws ImageException UNSUPPORTED for a format without compression, and as {@link #write}
   */
  void writePrecompressed(long offset, ByteBuffer packed) throws ImageException;

  /**
   * Reads machine state, which a QCOW2 image keeps behind its disk until it belongs to an internal
   * snapshot. What was never written reads as zero.
   *
   * @param offset from the start of the state
   * @throws ImageException UNSUPPORTED for a format without it, and as {@link #read}
   */
  void readVmState(long offset, ByteBuffer target) throws ImageException;

  /**
   * Writes machine state; it grows as needed.
   *
   * @param offset from the start of the state
   * @throws ImageException UNSUPPORTED for a format without it, and as {@link #write}
   */
  void writeVmState(long offset, ByteBuffer source) throws ImageException;

  /**
   * How the disk is stored from {@code offset} on, looking through backing files.
   *
   * @param length at most so many bytes are described, at least 1
   */
  Extent extent(long offset, long length) throws ImageException;

  /** The same for this image alone: where it holds nothing, {@code allocated} is false. */
  Extent ownExtent(long offset, long length) throws ImageException;

  /** The image below, open for reading as long as this one is, which closes it. */
  Optional<DiskImage> backing();

  /** What the image says of itself. */
  ImageInfo info() throws ImageException;

  /** Internal snapshots; a format without them refuses each call with UNSUPPORTED. */
  Snapshots snapshots();

  /** Persistent bitmaps; a format without them refuses each call with UNSUPPORTED. */
  Bitmaps bitmaps();

  /**
   * Changes the size of the disk. New bytes read as zero.
   *
   * @param size in bytes, a multiple of 512; a raw image takes any and is as large as the sectors
   *     that this needs
   * @param preallocation of what is added
   * @param shrink allows a smaller size, which loses the data beyond it
   * @throws ImageException BAD_OPTION for a size that cannot be or that is smaller without {@code
   *     shrink}; UNSUPPORTED for what the image's format or features do not let grow or shrink
   */
  void resize(long size, Preallocation preallocation, boolean shrink) throws ImageException;

  /**
   * Changes format options in place.
   *
   * @throws ImageException BAD_OPTION for values that do not go together, UNSUPPORTED for a format
   *     without options
   */
  void amend(AmendOptions options, Progress progress) throws ImageException;

  /**
   * Records another image below, which need not exist yet; the data of this image stays as it is,
   * and so the disk reads differently where the new one differs.
   *
   * <p>Takes effect when the image is opened again. Until then reads go through the image below
   * that it was opened with, and a write to a part of a cluster copies the rest from there; what
   * {@link #info} says is the new one. Bytes that are written or zeroed in between are kept.
   *
   * @throws ImageException UNSUPPORTED for a format other than QCOW2, BAD_OPTION if the name does
   *     not fit the header
   */
  void changeBacking(Optional<BackingReference> backing) throws ImageException;

  /** Frees all data, so that the disk reads as the image below does (after a commit). */
  void makeEmpty() throws ImageException;

  /**
   * Checks the metadata and mends what {@code repair} allows. What is wrong with the image is in
   * the report; only what keeps a check from being made is thrown.
   *
   * @throws ImageException UNSUPPORTED for a format without checks
   */
  CheckReport check(Repair repair) throws ImageException;

  /** A copy of the counters. */
  ImageStats stats();

  /**
   * The disk as a channel, at position 0. It ends where the disk does, both for reading and for
   * writing; {@code truncate} is refused; closing it leaves the image open.
   */
  default SeekableByteChannel channel() {
    return new DiskChannel(this);
  }

  /**
   * Flushes and closes. If the flush fails the file is closed all the same and the failure is
   * thrown; a second call does nothing.
   */
  @Override
  void close() throws ImageException;
}
