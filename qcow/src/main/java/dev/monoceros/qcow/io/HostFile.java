package dev.monoceros.qcow.io;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.Optional;

/**
 * A file of the host, locked for as long as it is open: for itself by a writer, shared by readers.
 *
 * <p>Interrupting a thread closes a {@link FileChannel} it is using. A disk must survive that, so
 * every access sets the interrupt aside and puts it back afterwards, and opens the channel again if
 * the interrupt came in the middle.
 */
public final class HostFile implements ImageFile {
  private static final int MODE_TYPE_MASK = 0xF000;
  private static final int MODE_BLOCK_DEVICE = 0x6000;

  /** After so many the short way is worth its linking. */
  private static final int READS_BY_CHANNEL = 64;

  private final Path path;
  private final HeldFile held;
  private final int descriptor;
  private boolean closed;
  private int tableReads;
  private IOException flushFailure;

  private HostFile(Path path, HeldFile held) {
    this.path = path;
    this.held = held;
    this.descriptor = held.nativeFile().map(NativeFile::descriptor).orElse(-1);
  }

  /**
   * Does what the first opening in a process would otherwise do: links the calls to the C library,
   * about 20 ms. A program that starts may do it on another thread meanwhile; nothing needs it.
   */
  public static void prepare() {
    HostCalls.find().ifPresent(HostCalls::callNothing);
  }

  /**
   * Opens and locks an existing file.
   *
   * @throws ImageFault NOT_FOUND, ACCESS_DENIED, LOCKED or IO
   */
  public static HostFile open(Path path, boolean writable) throws ImageFault {
    return open(path, writable, true);
  }

  /**
   * Opens an existing file.
   *
   * @param locked false to take no lock and heed none: what is read may be changing
   * @throws ImageFault NOT_FOUND, ACCESS_DENIED, LOCKED or IO
   */
  public static HostFile open(Path path, boolean writable, boolean locked) throws ImageFault {
    EnumSet<StandardOpenOption> options = EnumSet.of(StandardOpenOption.READ);
    if (writable) {
      options.add(StandardOpenOption.WRITE);
    }
    try {
      requireBytes(path);
      return new HostFile(path, hold(path, writable, locked, options));
    } catch (IOException e) {
      throw refusal("open", path, e);
    }
  }

  private static HeldFile hold(
      Path path, boolean writable, boolean locked, EnumSet<StandardOpenOption> options)
      throws IOException {
    Optional<HostCalls> host = HostCalls.find();
    if (host.isPresent() && path.getFileSystem() == FileSystems.getDefault()) {
      return NativeLease.open(host.orElseThrow(), path, writable, locked, options);
    }
    return FileLease.open(path, writable, locked, options);
  }

  /** QEMU's clause for an errno: what could not be done with which file, and why. */
  private static ImageFault refusal(String action, Path path, IOException e) {
    String start = "Could not " + action + " '" + path + "': ";
    return switch (e) {
      case ImageFault fault -> fault;
      case NoSuchFileException _ ->
          new ImageFault(
              ErrorKind.NOT_FOUND, ImageFault.NO_OFFSET, start + "No such file or directory");
      case AccessDeniedException _ ->
          new ImageFault(
              ErrorKind.ACCESS_DENIED, ImageFault.NO_OFFSET, start + "Permission denied");
      case FileSystemException other when other.getReason() != null ->
          ImageFault.host(start + other.getReason(), e);
      default -> ImageFault.host(start + e.getMessage(), e);
    };
  }

  /**
   * Creates and locks a file; with {@code overwrite} an existing one is taken and emptied, unless
   * somebody holds it.
   *
   * @throws ImageFault EXISTS, ACCESS_DENIED, LOCKED, NO_SPACE or IO
   */
  public static HostFile create(Path path, boolean overwrite) throws ImageFault {
    try {
      Files.createFile(path);
    } catch (FileAlreadyExistsException e) {
      if (!overwrite) {
        throw new ImageFault(ErrorKind.EXISTS, ImageFault.NO_OFFSET, "the file exists already");
      }
      requireNoDirectory(path);
      requireGrowing(path);
    } catch (IOException e) {
      throw refusal("create", path, e);
    }
    HostFile file = open(path, true);
    try {
      file.truncate(0);
      return file;
    } catch (IOException e) {
      file.closeAfter(e);
      throw ImageFault.host("empty the file", ImageFault.NO_OFFSET, e);
    }
  }

  /** What is there and is neither a file nor a disk has no length that could be set. */
  private static void requireGrowing(Path path) throws ImageFault {
    try {
      requireBytes(path);
    } catch (ImageFault e) {
      throw ImageFault.unsupported(ImageFault.NO_OFFSET, "Cannot grow device files");
    } catch (IOException e) {
      throw refusal("open", path, e);
    }
  }

  private static void requireNoDirectory(Path path) throws ImageFault {
    if (Files.isDirectory(path)) {
      boolean named = !path.toString().isEmpty();
      throw new ImageFault(
          named ? ErrorKind.WRONG_FORMAT : ErrorKind.NOT_FOUND,
          ImageFault.NO_OFFSET,
          "Could not create '"
              + path
              + "': "
              + (named ? "Is a directory" : "No such file or directory"));
    }
  }

  /** Opening a FIFO would wait for a peer, and a directory or socket holds no bytes. */
  private static void requireBytes(Path path) throws IOException {
    BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
    if (attributes.isRegularFile()) {
      return;
    }
    if (attributes.isOther()
        && path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      int mode = (Integer) Files.getAttribute(path, "unix:mode");
      if ((mode & MODE_TYPE_MASK) == MODE_BLOCK_DEVICE) {
        return;
      }
    }
    throw new ImageFault(
        ErrorKind.WRONG_FORMAT,
        ImageFault.NO_OFFSET,
        "'file' driver requires '" + path + "' to be a regular file");
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    boolean interrupted = Thread.interrupted();
    int start = target.position();
    try {
      while (true) {
        FileChannel channel = channel();
        try {
          return channel.read(target, position);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          target.position(start);
          held.reopen(channel);
        }
      }
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  /** At the end of the file, or if the call fails, it is the channel that says so. */
  @Override
  public int read(MemorySegment target, long position) throws IOException {
    boolean shortWay = descriptor >= 0 && muchRead() && !closed;
    long got = shortWay ? Transfers.read(descriptor, target, position) : -1;
    return got > 0 ? (int) got : read(target.asByteBuffer(), position);
  }

  private boolean muchRead() {
    if (tableReads < READS_BY_CHANNEL) {
      tableReads++;
      return false;
    }
    return true;
  }

  @Override
  public long read(IoVector target, long length, long position) {
    if (descriptor < 0 || closed) {
      return -1;
    }
    int pieces = target.describe(length);
    return VectorTransfers.read(descriptor, target.entries(), pieces, position);
  }

  @Override
  public long write(IoVector source, long length, long position) {
    if (descriptor < 0 || closed) {
      return -1;
    }
    int pieces = source.describe(length);
    return VectorTransfers.write(descriptor, source.entries(), pieces, position);
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    boolean interrupted = Thread.interrupted();
    int start = source.position();
    try {
      while (source.hasRemaining()) {
        FileChannel channel = channel();
        try {
          channel.write(source, position + (source.position() - start));
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          source.position(start);
          held.reopen(channel);
        }
      }
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  @Override
  public long size() throws IOException {
    return uninterrupted(FileChannel::size);
  }

  @Override
  public void truncate(long size) throws IOException {
    uninterrupted(channel -> channel.truncate(size).isOpen());
  }

  @Override
  public void extend(long size) throws IOException {
    Optional<NativeFile> file = nativeFile();
    if (file.isPresent()) {
      file.orElseThrow().extend(size);
    } else {
      ImageFile.super.extend(size);
    }
  }

  @Override
  public boolean punchHole(long position, long length) throws IOException {
    Optional<NativeFile> file = nativeFile();
    return file.isPresent() && file.orElseThrow().punchHole(position, length);
  }

  @Override
  public boolean zeroRange(long position, long length) throws IOException {
    Optional<NativeFile> file = nativeFile();
    return file.isPresent() && file.orElseThrow().zeroRange(position, length);
  }

  @Override
  public boolean allocate(long position, long length) throws IOException {
    Optional<NativeFile> file = nativeFile();
    return file.isPresent() && file.orElseThrow().allocate(position, length);
  }

  @Override
  public long nextData(long position) throws IOException {
    Optional<NativeFile> file = nativeFile();
    long data = file.isPresent() ? file.orElseThrow().nextData(position) : position;
    return data < 0 ? size() : Math.min(data, size());
  }

  @Override
  public long nextHole(long position) throws IOException {
    Optional<NativeFile> file = nativeFile();
    long hole = file.isPresent() ? file.orElseThrow().nextHole(position) : -1;
    return hole < 0 ? size() : hole;
  }

  @Override
  public long allocatedBytes() throws IOException {
    Optional<NativeFile> file = nativeFile();
    return file.isPresent() ? file.orElseThrow().allocatedBytes() : -1;
  }

  @Override
  public boolean knowsHoles() {
    return held.nativeFile().isPresent();
  }

  /**
   * After the kernel has failed one flush it may have dropped the pages it could not write, and the
   * next flush would report success for them. So a failed flush stays failed until reopening.
   */
  @Override
  public void force() throws IOException {
    if (flushFailure != null) {
      throw new IOException(
          "an earlier flush failed and what it covered may be lost", flushFailure);
    }
    try {
      uninterrupted(
          channel -> {
            channel.force(false);
            return true;
          });
    } catch (IOException e) {
      flushFailure = e;
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      held.release();
    }
  }

  private void closeAfter(IOException failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** A closed descriptor's number may be somebody else's by now. */
  private Optional<NativeFile> nativeFile() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
    return held.nativeFile();
  }

  private FileChannel channel() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
    return held.channel();
  }

  private <T> T uninterrupted(ChannelCall<T> call) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        FileChannel channel = channel();
        try {
          return call.on(channel);
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
          held.reopen(channel);
        }
      }
    } finally {
      restoreInterrupt(interrupted);
    }
  }

  private static void restoreInterrupt(boolean interrupted) {
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private interface ChannelCall<T> {
    T on(FileChannel channel) throws IOException;
  }
}
