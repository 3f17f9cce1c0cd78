package dev.monoceros.qcow.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A file descriptor of our own beside the one of the {@code FileChannel}: for holes, for space, and
 * for locks that belong to this open file and not to the process. Its constants are those of
 * Linux's fcntl.h, falloc.h and stat.h.
 */
final class NativeFile implements AutoCloseable {
  private static final int O_RDONLY = 0;
  private static final int O_RDWR = 2;
  private static final int O_NONBLOCK = 0x800;
  private static final int O_CLOEXEC = 0x80000;

  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int FALLOC_FL_ZERO_RANGE = 0x10;

  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  /** struct flock: short l_type, l_whence; off_t l_start, l_len; pid_t l_pid. */
  private static final int FLOCK_BYTES = 32;

  private static final int L_TYPE = 0;
  private static final int L_START = 8;
  private static final int L_LEN = 16;

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BLOCKS = 0x400;
  private static final int STATX_BYTES = 256;
  private static final int STX_BLOCKS = 48;
  private static final int BLOCK = 512;

  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final int EAGAIN = 11;
  private static final int ENODEV = 19;
  private static final int EINVAL = 22;
  private static final int ENXIO = 6;
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final int EOPNOTSUPP = 95;

  private final HostCalls host;
  private final MemorySegment lseek;
  private final MemorySegment fallocate;
  private final MemorySegment fcntl;
  private final int fd;

  private NativeFile(HostCalls host, int fd) {
    this.host = host;
    this.fd = fd;
    lseek = host.function("lseek");
    fallocate = host.function("fallocate");
    fcntl = host.function("fcntl");
  }

  /** Opens an existing file. */
  static NativeFile open(HostCalls host, Path path, boolean writable) throws IOException {
    int flags = (writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path.toString());
      HostCalls.Result result = host.call(host.function("open"), name.address(), flags, 0, 0, 0);
      int fd = (int) result.value();
      if (fd >= 0) {
        return new NativeFile(host, fd);
      }
      throw switch (result.errno()) {
        case ENOENT -> new NoSuchFileException(path.toString());
        case EACCES, EPERM -> new AccessDeniedException(path.toString());
        default -> host.failure(result.errno());
      };
    }
  }

  /** The number of the open file; good until {@link #close()}. */
  int descriptor() {
    return fd;
  }

  /** A path that leads to this very file, whatever becomes of its name. */
  Path path() {
    return HostCalls.pathOf(fd);
  }

  /** Gives the blocks of a range back, which then reads as zero; false if the host cannot. */
  boolean punchHole(long position, long length) throws IOException {
    return fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, position, length);
  }

  /** Makes a range read as zero, its blocks kept; false if the host cannot. */
  boolean zeroRange(long position, long length) throws IOException {
    return fallocate(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, position, length);
  }

  /** Takes blocks for a range and lengthens the file to its end; false if the host cannot. */
  boolean allocate(long position, long length) throws IOException {
    return fallocate(0, position, length);
  }

  private boolean fallocate(int mode, long position, long length) throws IOException {
    HostCalls.Result result = host.call(fallocate, fd, mode, position, length, 0);
    if (!result.nonZero()) {
      return true;
    }
    // What a file system or device says that does not have the call or the mode.
    return switch (result.errno()) {
      case EOPNOTSUPP, ENOSYS, ENODEV, EINVAL -> false;
      default -> throw host.failure(result.errno());
    };
  }

  /** Lengthens the file without writing. */
  void extend(long size) throws IOException {
    HostCalls.Result result = host.call(host.function("ftruncate"), fd, size, 0, 0, 0);
    if (result.nonZero()) {
      throw host.failure(result.errno());
    }
  }

  /** First data from {@code position} on, or -1 if there is none up to the end of the file. */
  long nextData(long position) throws IOException {
    return seek(position, SEEK_DATA, position);
  }

  /** First hole from {@code position} on, at last the end of the file; -1 if beyond that. */
  long nextHole(long position) throws IOException {
    return seek(position, SEEK_HOLE, -1);
  }

  private long seek(long position, int whence, long unsupported) throws IOException {
    HostCalls.Result result = host.call(lseek, fd, position, whence, 0, 0);
    if (result.value() >= 0) {
      return result.value();
    }
    return switch (result.errno()) {
      case ENXIO -> -1;
      case EINVAL, EOPNOTSUPP -> unsupported;
      default -> throw host.failure(result.errno());
    };
  }

  /** Bytes of the host that the file takes, or -1 if it does not say. */
  long allocatedBytes() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STATX_BYTES, Long.BYTES);
      long empty = arena.allocateFrom("").address();
      HostCalls.Result result =
          host.call(host.function("statx"), fd, empty, AT_EMPTY_PATH, STATX_BLOCKS, stat.address());
      return result.nonZero() ? -1 : HostCalls.fields(stat).getLong(STX_BLOCKS) * BLOCK;
    }
  }

  /** Takes a shared lock on one byte, for this open file; false if somebody has it exclusively. */
  boolean lockShared(long position) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flock = flock(arena, F_RDLCK, position);
      HostCalls.Result result = host.call(fcntl, fd, F_OFD_SETLK, flock.address(), 0, 0);
      if (!result.nonZero()) {
        return true;
      }
      return switch (result.errno()) {
        case EAGAIN, EACCES -> false;
        default -> throw host.failure(result.errno());
      };
    }
  }

  /** True if another open file holds any lock on that byte. */
  boolean lockedByOthers(long position) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flock = flock(arena, F_WRLCK, position);
      HostCalls.Result result = host.call(fcntl, fd, F_OFD_GETLK, flock.address(), 0, 0);
      if (result.nonZero()) {
        throw host.failure(result.errno());
      }
      return HostCalls.fields(flock).getShort(L_TYPE) != F_UNLCK;
    }
  }

  private static MemorySegment flock(Arena arena, short type, long position) {
    MemorySegment flock = arena.allocate(FLOCK_BYTES, Long.BYTES);
    HostCalls.fields(flock).putShort(L_TYPE, type).putLong(L_START, position).putLong(L_LEN, 1);
    return flock;
  }

  /** Locks taken through this descriptor go with it. */
  @Override
  public void close() {
    host.call(host.function("close"), fd, 0, 0, 0, 0);
  }
}
