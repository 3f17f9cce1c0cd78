package dev.monoceros.unicorn;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * A counter of executed guest code, kept by a few bytes of host machine code: at every block the
 * block's size in bytes is subtracted, and only when the counter goes below zero is Java called. On
 * hosts without an encoding Java is called at every block and does the subtraction itself. The code
 * also ends RFLAGS.RF where the block goes on; after a call of Java that is Java's to do.
 *
 * <p>Native layout of the cell, 8 bytes each: the counter, the address of the upcall, the stop
 * flag, the address of the exit check, the address of RFLAGS, the engine, and the address of the
 * upcall for new blocks of one short instruction, or 0.
 */
public final class BlockBudget {
  private final long cell;
  private final long callback;
  private final boolean countedNatively;

  private BlockBudget(long cell, long callback, boolean countedNatively) {
    this.cell = cell;
    this.callback = callback;
    this.countedNatively = countedNatively;
  }

  /**
   * Makes one.
   *
   * @param exitCheck address of the engine's exit check when translated code does not call it, or 0
   * @param flags address of RFLAGS
   * @param stub the library's own stub, or 0: then this makes one
   */
  static BlockBudget create(
      long upcall, long exitCheck, long flags, long engine, long stub, Arena arena) {
    // A mapping of its own lies near the translated code, which addresses it relative to itself.
    MemorySegment cell = HostMemory.map(4096).reinterpret(arena, HostMemory::unmap);
    HostMemory.putLong(cell.address() + 8, upcall);
    HostMemory.putLong(cell.address() + 24, exitCheck);
    HostMemory.putLong(cell.address() + 32, flags);
    HostMemory.putLong(cell.address() + 40, engine);
    if (stub != 0) {
      return new BlockBudget(cell.address(), stub, true);
    }
    byte[] code = BudgetStub.forHost(System.getProperty("os.arch").toLowerCase(Locale.ROOT));
    if (code == null) {
      return new BlockBudget(cell.address(), upcall, false);
    }
    MemorySegment page = HostMemory.mapCode(code);
    MemorySegment closing = page.reinterpret(arena, HostMemory::unmap);
    return new BlockBudget(cell.address(), closing.address(), true);
  }

  long cell() {
    return cell;
  }

  long callback() {
    return callback;
  }

  /** Whether the stub has already subtracted the block's size when the hook is called. */
  public boolean countedNatively() {
    return countedNatively;
  }

  /** Has {@code upcall} look at new blocks of one short instruction. */
  void lookAtBlocks(long upcall) {
    HostMemory.putLong(cell + 48, upcall);
  }

  /** Tells the stub whether to stop the engine once the upcall returns. */
  void stopping(boolean stop) {
    boolean checkLeftOut = HostMemory.getLong(cell + 24) != 0;
    HostMemory.putLong(cell + 16, stop && checkLeftOut ? 1 : 0);
  }

  /** What is left, in bytes of guest code; negative when overdrawn. */
  public long get() {
    return HostMemory.getLong(cell);
  }

  /** Sets what is left, in bytes of guest code. */
  public void set(long bytes) {
    HostMemory.putLong(cell, bytes);
  }
}
