package dev.monoceros.machine.cpu;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.Hooks;
import dev.monoceros.unicorn.Hooks.Access;
import dev.monoceros.unicorn.HostMemory;
import dev.monoceros.unicorn.PageGrants;
import java.lang.foreign.MemorySegment;

/**
 * Fills the engine's software TLB, and keeps translated code and memory in step.
 *
 * <p>The engine does not notice stores to code it has translated. So every physical page is either
 * code (readable and executable, never writable) or data (perhaps writable, never executable), and
 * changes sides when the guest does the other thing: a store to a code page drops its translations,
 * a fetch from a page that may still be writable in some TLB entry flushes the TLB first. Whether
 * it may is known from the epoch of the last grant: an epoch ends with every flush of the TLB.
 */
final class Mmu {
  /**
   * Virtual addresses with this top byte are physical addresses; only the engine's API uses them.
   */
  private static final long ALIAS = 0x40L << 56;

  private static final int ALIAS_SHIFT = 56;
  private static final long NEVER_EXECUTED = ALIAS | 0xff0;
  private static final long NO_PAGE = 1;

  /** Where accesses beyond all RAM go: a page of the device hole that no device claims. */
  private static final long NOWHERE = 0xffff_f000L;

  /**
   * A page of ones beyond all RAM. The engine refuses to fetch from a device, but a PC reads its
   * open bus, all ones, which is no instruction: #UD.
   */
  private static final long OPEN_BUS = 1L << 44;

  private static final long PAGE = 4096;

  private final Engine engine;
  private final CpuState state;
  private final PhysicalRam ram;
  private final PageTables tables;
  private final CpuCounters counters;
  private final PageGrants grants;
  private final MemorySegment openBus = HostMemory.map(PAGE);
  private int faultCode;
  private long systemPage = NO_PAGE;

  Mmu(Engine engine, PhysicalRam ram, CpuCounters counters) {
    this.engine = engine;
    this.state = engine.state();
    this.ram = ram;
    this.counters = counters;
    this.tables = new PageTables(ram, state);
    this.grants = new PageGrants(ram.segment().address(), ram.lowSize(), ram.size());
    engine.mapRam(OPEN_BUS, openBus.fill((byte) 0xff));
    engine.onTlbFill(this::fill, grants);
  }

  /**
   * An address that the guest never executes and that always translates: for {@link Engine#run}.
   */
  static long neverExecuted() {
    return NEVER_EXECUTED;
  }

  /**
   * A refused translation in user mode may have been the CPU's own access to a descriptor table,
   * which has supervisor rights. The TLB hook cannot tell, for RIP is not exact there; now it is.
   *
   * @return true if the instruction is to be tried again, with supervisor rights for that page
   */
  boolean retryAsSystem(long address) {
    long page = address & ~0xfffL;
    boolean retry =
        state.cpl() == 3 && page != systemPage && SystemAccess.isNext(this, state, page);
    systemPage = retry ? page : NO_PAGE;
    return retry;
  }

  /** The error code of the last translation refused by {@link #fill}. */
  int faultCode() {
    return faultCode;
  }

  /** Misses answered by the engine's stub, which are not in the counters yet. */
  long fillsWithoutJava() {
    return grants.fills();
  }

  /** Frees native memory, after the engine. */
  void close() {
    grants.close();
    HostMemory.unmap(openBus);
  }

  /** The TLB hook. */
  long fill(long page, Access access) {
    counters.tlbFills++;
    if (page >>> ALIAS_SHIFT == ALIAS >>> ALIAS_SHIFT) {
      return page & ~ALIAS | Hooks.READ | Hooks.EXEC;
    }
    grants.notice(state.control(3));
    boolean user = state.cpl() == 3;
    boolean write = access == Access.WRITE;
    boolean fetch = access == Access.FETCH;
    long result = tables.walk(page, write, fetch, user);
    if (PageTables.isFault(result)) {
      if (page != systemPage || fetch) {
        faultCode = PageTables.errorCode(result);
        return Hooks.FAULT;
      }
      systemPage = NO_PAGE; // for one access only
      result = tables.walk(page, write, false, false);
      if (PageTables.isFault(result)) {
        faultCode = PageTables.errorCode(result);
        return Hooks.FAULT;
      }
    }
    return grant(result, write, fetch);
  }

  private long grant(long result, boolean write, boolean fetch) {
    long physical = result & ~0xfffL;
    if (!ram.contains(physical, PAGE)) {
      if (fetch) {
        return OPEN_BUS | Hooks.EXEC;
      }
      long device = physical >= PhysicalRam.HIGH || physical < ram.lowSize() ? NOWHERE : physical;
      return device | Hooks.READ | Hooks.WRITE;
    }
    int index = ram.pageIndex(physical);
    if (fetch) {
      if (!grants.isCode(index)) {
        if (grants.mayBeWritable(index)) {
          flush();
        }
        grants.setCode(index, true);
      }
      grants.grantedExecutable(index);
      return physical | Hooks.READ | Hooks.EXEC;
    }
    if (write) {
      leaveCode(index, physical);
      grants.grantedWritable(index);
      return physical | Hooks.READ | Hooks.WRITE;
    }
    long writableAndDirty = PageTables.WRITABLE | PageTables.DIRTY;
    if ((result & writableAndDirty) == writableAndDirty && !grants.isCode(index)) {
      grants.grantedWritable(index);
      return physical | Hooks.READ | Hooks.WRITE;
    }
    return physical | Hooks.READ;
  }

  /** A store is about to hit a page: what was translated from it must go. */
  private void leaveCode(int index, long physical) {
    if (grants.isCode(index)) {
      dropCode(physical);
      if (grants.mayBeExecutable(index)) {
        flush();
      }
      grants.setCode(index, false);
    }
  }

  /** A device or Java has written to RAM: translations of it must go. */
  void written(long address, long length) {
    long end = address + length;
    for (long page = address & ~0xfffL; page < end; page += 4096) {
      if (ram.contains(page, 1) && grants.isCode(ram.pageIndex(page))) {
        dropCode(page);
      }
    }
  }

  private void dropCode(long page) {
    counters.codeDrops++;
    engine.dropCode(ALIAS | page, (ALIAS | page) + 4096);
  }

  private void flush() {
    counters.tlbFlushes++;
    engine.flushTlb();
    grants.flushed();
  }

  /**
   * Translates for an access of Java on the CPU's behalf.
   *
   * @return the physical address
   * @throws CpuFault a page fault
   */
  long translate(long address, boolean write, boolean user) {
    long result = tables.walk(address, write, false, user);
    if (PageTables.isFault(result)) {
      throw CpuFault.pageFault(PageTables.errorCode(result), address);
    }
    long physical = result & ~0xfffL | address & 0xfff;
    if (write && ram.contains(physical, 1)) {
      written(physical, 1);
    }
    return physical;
  }

  /** Reads a byte of code at the current privilege, or -1 where it cannot be read. */
  int peekCode(long address) {
    long result = tables.walk(address, false, false, state.cpl() == 3);
    if (PageTables.isFault(result)) {
      return -1;
    }
    long physical = result & ~0xfffL | address & 0xfff;
    return ram.contains(physical, 1) ? ram.getByte(physical) : -1;
  }

  /** Reads 8 bytes with supervisor rights; beyond RAM it reads all ones. */
  long readLong(long address) {
    if ((address & 0xfff) <= 4096 - 8) {
      long physical = translate(address, false, false);
      return ram.contains(physical, 8) ? ram.getLong(physical) : -1;
    }
    long value = 0;
    for (int i = 0; i < 8; i++) {
      long physical = translate(address + i, false, false);
      int read = ram.contains(physical, 1) ? ram.getByte(physical) : 0xff;
      value |= (long) read << 8 * i;
    }
    return value;
  }

  /** Writes 8 bytes with supervisor rights; beyond RAM it writes nothing. */
  void writeLong(long address, long value) {
    if ((address & 0xfff) <= 4096 - 8) {
      long physical = translate(address, true, false);
      if (ram.contains(physical, 8)) {
        ram.putLong(physical, value);
      }
      return;
    }
    translate(address, true, false);
    translate(address + 7, true, false);
    for (int i = 0; i < 8; i++) {
      long physical = translate(address + i, true, false);
      if (ram.contains(physical, 1)) {
        ram.putByte(physical, (int) (value >>> 8 * i) & 0xff);
      }
    }
  }
}
