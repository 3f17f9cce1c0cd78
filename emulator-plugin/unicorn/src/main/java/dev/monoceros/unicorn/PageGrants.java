package dev.monoceros.unicorn;

import java.lang.foreign.MemorySegment;

/**
 * What a TLB hook has granted, page by page of guest RAM, kept in native memory so that {@link
 * TlbStub} can read and write it: whether a page holds translated code, and the epochs of the last
 * writable and the last executable grant. An epoch ends with every flush of the TLB.
 *
 * <p>Native layout of the cell, 8 bytes each: address of the Java handler, of the CPU state, of
 * RAM; bytes of RAM from address 0 on; addresses of the page kinds and of the two arrays of epochs;
 * the epoch; the CR3 for which the epoch holds; misses answered without Java.
 */
public final class PageGrants implements AutoCloseable {
  private static final int HANDLER = 0;
  private static final int STATE = 8;
  private static final int RAM = 16;
  private static final int LOW_BYTES = 24;
  private static final int KINDS = 32;
  private static final int WRITABLE = 40;
  private static final int EXECUTABLE = 48;
  private static final int EPOCH = 56;
  private static final int CR3 = 64;
  private static final int FILLS = 72;
  private static final long PAGE = 4096;

  private final MemorySegment memory;
  private final long cell;
  private final long kinds;
  private final long writable;
  private final long executable;
  private boolean closed;

  /**
   * For a guest's RAM.
   *
   * @param ram host address of RAM; the part from 4 GiB on follows the low part
   * @param lowBytes bytes of RAM from guest address 0 on
   * @param bytes bytes of RAM in all
   */
  public PageGrants(long ram, long lowBytes, long bytes) {
    long pages = bytes / PAGE;
    memory = HostMemory.map(round(PAGE + 9 * pages));
    cell = memory.address();
    writable = cell + PAGE;
    executable = writable + 4 * pages;
    kinds = executable + 4 * pages;
    HostMemory.putLong(cell + RAM, ram);
    HostMemory.putLong(cell + LOW_BYTES, lowBytes);
    HostMemory.putLong(cell + KINDS, kinds);
    HostMemory.putLong(cell + WRITABLE, writable);
    HostMemory.putLong(cell + EXECUTABLE, executable);
    HostMemory.putInt(cell + EPOCH, 1);
  }

  private static long round(long bytes) {
    return (bytes + PAGE - 1) / PAGE * PAGE;
  }

  void connect(long handler, long state) {
    HostMemory.putLong(cell + HANDLER, handler);
    HostMemory.putLong(cell + STATE, state);
  }

  long cell() {
    return cell;
  }

  /** Whether a page holds translated code. */
  public boolean isCode(int page) {
    return HostMemory.getByte(kinds + page) != 0;
  }

  /** Says whether a page holds translated code. */
  public void setCode(int page, boolean code) {
    HostMemory.putByte(kinds + page, (byte) (code ? 1 : 0));
  }

  /** Whether a page may be writable in the TLB. */
  public boolean mayBeWritable(int page) {
    return HostMemory.getInt(writable + 4L * page) == epoch();
  }

  /** A page was granted for writing. */
  public void grantedWritable(int page) {
    HostMemory.putInt(writable + 4L * page, epoch());
  }

  /** Whether a page may be executable in the TLB. */
  public boolean mayBeExecutable(int page) {
    return HostMemory.getInt(executable + 4L * page) == epoch();
  }

  /** A page was granted for execution. */
  public void grantedExecutable(int page) {
    HostMemory.putInt(executable + 4L * page, epoch());
  }

  private int epoch() {
    return HostMemory.getInt(cell + EPOCH);
  }

  /** The TLB is empty: what was granted before no longer counts. */
  public void flushed() {
    HostMemory.putInt(cell + EPOCH, epoch() + 1);
  }

  /** Notes the CR3 in use; a new one means that the engine has flushed the TLB by itself. */
  public void notice(long cr3) {
    if (HostMemory.getLong(cell + CR3) != cr3) {
      HostMemory.putLong(cell + CR3, cr3);
      flushed();
    }
  }

  /** Misses answered without Java. */
  public long fills() {
    return HostMemory.getLong(cell + FILLS);
  }

  /** Frees the native memory; the engine must be closed before. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      HostMemory.unmap(memory);
    }
  }
}
