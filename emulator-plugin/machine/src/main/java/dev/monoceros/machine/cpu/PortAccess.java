package dev.monoceros.machine.cpu;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Hooks;
import java.util.function.BooleanSupplier;

/**
 * IN and OUT, with the permission check that the engine leaves out (SDM volume 1, 19.5): with CPL
 * above IOPL each port needs a clear bit in the TSS's I/O map.
 *
 * <p>A refused access does not reach the bus and raises #GP at its instruction. On libraries that
 * cannot leave an instruction from this hook the #GP comes at the end of the block, with RIP and
 * RAX put back; what else the block did stays done.
 */
final class PortAccess implements Hooks.Ports {
  private static final int IOPL_SHIFT = 12;
  private static final int IO_MAP_BASE = 0x66;
  private static final int TSS_SIZE = 0x67;

  private final AddressBus bus;
  private final CpuState state;
  private final Mmu mmu;
  private final BooleanSupplier refuse;
  private final Runnable endSlice;
  private boolean refused;
  private long refusedRip;
  private long refusedRax;

  /**
   * Checks accesses to a bus.
   *
   * @param refuse refuses the access being made, or returns false if that cannot be done
   * @param endSlice ends the block's slice of time soon
   */
  PortAccess(AddressBus bus, CpuState state, Mmu mmu, BooleanSupplier refuse, Runnable endSlice) {
    this.bus = bus;
    this.state = state;
    this.mmu = mmu;
    this.refuse = refuse;
    this.endSlice = endSlice;
  }

  @Override
  public int in(int port, int size) {
    if (!permitted(port & 0xffff, size)) {
      return -1;
    }
    return (int) bus.read(port & 0xffff, size);
  }

  @Override
  public void out(int port, int size, int value) {
    if (permitted(port & 0xffff, size)) {
      bus.write(port & 0xffff, size, value & 0xffff_ffffL >>> 32 - 8 * size);
    }
  }

  private boolean permitted(int port, int size) {
    int iopl = (int) (state.systemFlags() >>> IOPL_SHIFT) & 3;
    if (state.cpl() <= iopl || mapAllows(port, size)) {
      return true;
    }
    if (!refuse.getAsBoolean() && !refused) {
      refused = true;
      refusedRip = state.rip();
      refusedRax = state.general(CpuState.RAX);
      endSlice.run();
    }
    return false;
  }

  private boolean mapAllows(int port, int size) {
    long limit = state.segmentLimit(CpuState.TR);
    if (limit < TSS_SIZE) {
      return false;
    }
    try {
      long tss = state.segmentBase(CpuState.TR);
      long map = mmu.readLong(tss + IO_MAP_BASE) & 0xffff;
      long at = map + port / 8;
      if (at + 1 > limit) {
        return false;
      }
      int bits = (1 << size) - 1;
      return (mmu.readLong(tss + at) >>> port % 8 & bits) == 0;
    } catch (CpuFault e) {
      return false; // no TSS to allow anything
    }
  }

  /** Whether an access was refused since the last {@link #rewind}. */
  boolean refused() {
    return refused;
  }

  /** Puts RIP and RAX back to the refused instruction; its #GP(0) is the caller's to deliver. */
  void rewind() {
    refused = false;
    state.rip(refusedRip);
    state.general(CpuState.RAX, refusedRax);
  }
}
