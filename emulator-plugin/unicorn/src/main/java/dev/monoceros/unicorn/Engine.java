package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.LongToIntFunction;

/**
 * One x86-64 CPU of libunicorn. Confined to the thread that opened it, save {@link #requestStop},
 * which only a block hook may call.
 *
 * <p>Install no memory hooks through other means: the mere presence of one slows every store.
 */
public final class Engine implements AutoCloseable {
  /** Result of {@link #run}: stopped by {@link #requestStop}, by HLT, or at {@code until}. */
  public static final int OK = 0;

  /** Result of {@link #run}: the TLB hook refused a data read. */
  public static final int ERR_MMU_READ = 22;

  /** Result of {@link #run}: an exception nobody took, or a refused translation. */
  public static final int ERR_EXCEPTION = 21;

  private static final int ARCH_X86 = 4;
  private static final int MODE_64 = 8;
  private static final int PROT_ALL = 7;
  private static final int CTL_CPU_MODEL = control(7, 1);
  private static final int CTL_TB_REMOVE_CACHE = control(9, 2);
  private static final int CTL_TLB_FLUSH = control(11, 0);
  private static final int CTL_TLB_TYPE = control(12, 1);
  private static final int TLB_VIRTUAL = 1;

  private final UnicornLibrary library;
  private final UnicornFunctions functions;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment scratch = arena.allocate(64, 16);
  private final MemorySegment portRefused = arena.allocate(1);
  private final Upcalls upcalls;
  private final long handle;
  private CpuState state;
  private BlockBudget budget;
  private Runnable endCache = () -> {};
  private boolean closed;

  private Engine(UnicornLibrary library) {
    this.library = library;
    this.functions = library.functions;
    check(functions.open(ARCH_X86, MODE_64, scratch), "uc_open");
    this.handle = scratch.get(JAVA_LONG, 0);
    this.upcalls = new Upcalls(this, arena);
  }

  private static int control(int type, int arguments) {
    int write = 1;
    return type | arguments << 26 | write << 30;
  }

  /**
   * Opens a CPU in 64-bit mode.
   *
   * @param model a {@code uc_cpu_x86} number: decides which instructions exist
   * @throws UnicornException if the library refuses
   */
  public static Engine open(UnicornLibrary library, int model) {
    Engine engine = openUnprobed(library);
    // Only before the first use of a register.
    engine.check(engine.functions.ctl(engine.handle, CTL_CPU_MODEL, model), "uc_ctl(CPU_MODEL)");
    engine.state = CpuState.locate(engine, library.layout());
    engine.endCache = library.cacheBlocks(engine.state.address() + library.layout().cpu());
    return engine;
  }

  /** For the probe itself, which has no layout yet. */
  static Engine openUnprobed(UnicornLibrary library) {
    return new Engine(library);
  }

  /** The library this CPU belongs to. */
  public UnicornLibrary library() {
    return library;
  }

  /** Direct access to the registers. */
  public CpuState state() {
    return state;
  }

  /**
   * Maps guest RAM onto host memory, with all permissions.
   *
   * @param address guest-physical, page-aligned
   * @param memory page-aligned host memory that outlives this engine
   */
  public void mapRam(long address, MemorySegment memory) {
    check(
        functions.memMapPtr(handle, address, memory.byteSize(), PROT_ALL, memory.address()),
        "uc_mem_map_ptr");
  }

  /**
   * Maps a region whose every access goes to {@code handler}.
   *
   * @param address guest-physical, page-aligned
   * @param size bytes, page-aligned
   */
  public void mapMmio(long address, long size, Hooks.Mmio handler) {
    check(
        functions.mmioMap(
            handle, address, size, upcalls.mmioRead(handler), upcalls.mmioWrite(handler)),
        "uc_mmio_map");
  }

  /** Takes address translation over from the engine ({@code UC_TLB_VIRTUAL}). */
  public void onTlbFill(Hooks.TlbFill handler) {
    check(functions.ctl(handle, CTL_TLB_TYPE, TLB_VIRTUAL), "uc_ctl(TLB_TYPE)");
    hook(Upcalls.HOOK_TLB_FILL, upcalls.tlbFill(handler), 0, 0);
  }

  /**
   * Takes address translation over; where the host has the machine code for it, most misses are
   * answered from the page tables and {@code grants} without calling {@code handler}.
   */
  public void onTlbFill(Hooks.TlbFill handler, PageGrants grants) {
    check(functions.ctl(handle, CTL_TLB_TYPE, TLB_VIRTUAL), "uc_ctl(TLB_TYPE)");
    long upcall = upcalls.tlbFill(handler);
    grants.connect(upcall, state.address());
    long callback = upcall;
    if (BudgetStub.hostIsX86()) {
      MemorySegment code = HostMemory.mapCode(TlbStub.x86(library.layout()));
      callback = code.reinterpret(arena, HostMemory::unmap).address();
    }
    hook(Upcalls.HOOK_TLB_FILL, callback, grants.cell(), 0);
  }

  /** Takes exceptions and software interrupts. */
  public void onInterrupt(Hooks.Interrupt handler) {
    hook(Upcalls.HOOK_INTR, upcalls.interrupt(handler), 0, 0);
  }

  /** Takes undefined instructions; the handler redirects the CPU to the #UD gate. */
  public void onInvalidInstruction(Runnable handler) {
    hook(Upcalls.HOOK_INSN_INVALID, upcalls.instruction(handler), 0, 0);
  }

  /** Takes SYSCALL; afterwards the engine adds the instruction's length to RIP. */
  public void onSyscall(Runnable handler) {
    hook(Upcalls.HOOK_INSN, upcalls.instruction(handler), 0, Upcalls.INSN_SYSCALL);
  }

  /** Takes SYSENTER, of which the engine does nothing; afterwards it adds the length to RIP. */
  public void onSysenter(Runnable handler) {
    hook(Upcalls.HOOK_INSN, upcalls.instruction(handler), 0, Upcalls.INSN_SYSENTER);
  }

  /** Takes CPUID; the handler sets EAX, EBX, ECX and EDX. */
  public void onCpuid(Runnable handler) {
    hook(Upcalls.HOOK_INSN, upcalls.instruction(handler), 0, Upcalls.INSN_CPUID);
  }

  /**
   * Takes RDTSC; the handler sets the registers. Only where {@link UnicornLibrary#deterministic}.
   */
  public void onTimestamp(Runnable rdtsc) {
    hook(Upcalls.HOOK_INSN, upcalls.instruction(rdtsc), 0, Upcalls.INSN_RDTSC);
  }

  /** Takes port I/O. */
  public void onPorts(Hooks.Ports handler) {
    hook(Upcalls.HOOK_INSN, refusable(upcalls.portIn(handler)), 0, Upcalls.INSN_IN);
    hook(Upcalls.HOOK_INSN, refusable(upcalls.portOut(handler)), 0, Upcalls.INSN_OUT);
  }

  private long refusable(long upcall) {
    long raise = library.raiseInPortHook();
    if (raise == 0) {
      return upcall;
    }
    byte[] code = PortStub.x86(upcall, portRefused.address(), state.address(), raise);
    return HostMemory.mapCode(code).reinterpret(arena, HostMemory::unmap).address();
  }

  /**
   * Makes the IN or OUT whose hook is running raise #GP(0), at that instruction, as soon as the
   * hook returns.
   *
   * @return false if this library cannot, and nothing was done
   */
  public boolean refusePort() {
    if (library.raiseInPortHook() == 0) {
      return false;
    }
    portRefused.set(JAVA_BYTE, 0, (byte) 1);
    return true;
  }

  /**
   * Counts every block against a budget; see {@link BlockBudget}. Every engine that runs a guest
   * needs one: it is what stops the engine.
   */
  public BlockBudget onBudget(Hooks.Block overdrawn) {
    budget =
        BlockBudget.create(
            upcalls.block(overdrawn),
            library.exitCheck(),
            state.flagsAddress(),
            handle,
            library.inlinedStub(),
            arena);
    hook(Upcalls.HOOK_BLOCK, budget.callback(), budget.cell(), 0);
    return budget;
  }

  /**
   * Lets REP STOS and REP MOVS move many elements at a time, where this host and library can;
   * nothing else changes. Only after {@link #onBudget}.
   *
   * @param code reads a byte of the code that was translated last, by its linear address; -1 where
   *     there is none
   */
  public void hastenStrings(LongToIntFunction code) {
    library
        .strings()
        .ifPresent(
            strings ->
                budget.lookAtBlocks(
                    upcalls.newBlock(
                        (block, length) -> strings.codeFor(block, (int) length, code))));
  }

  private void hook(int type, long callback, long userData, int instruction) {
    long begin = 1;
    long end = 0;
    check(
        functions.hookAdd(
            handle, scratch.address(), type, callback, userData, begin, end, instruction),
        "uc_hook_add");
  }

  /**
   * Runs until HLT, a stop request, or an error.
   *
   * @param pc where to begin
   * @param until an address never executed, always translatable
   * @return {@link #OK} or an error code of the library
   */
  public int run(long pc, long until) {
    if (budget != null) {
      budget.stopping(false);
    }
    int result = functions.emuStart(handle, pc, until);
    upcalls.rethrowParked();
    return result;
  }

  /** Stops the CPU at the first instruction of the block being entered; block hooks only. */
  public void requestStop() {
    check(functions.emuStop(handle), "uc_emu_stop");
    budget.stopping(true);
  }

  /** Forgets all translations of addresses. */
  public void flushTlb() {
    check(functions.ctl(handle, CTL_TLB_FLUSH), "uc_ctl(TLB_FLUSH)");
  }

  /**
   * Forgets the translated code of a range.
   *
   * @param begin first virtual address
   * @param end address after the last
   */
  public void dropCode(long begin, long end) {
    check(functions.ctl(handle, CTL_TB_REMOVE_CACHE, begin, end), "uc_ctl(TB_REMOVE_CACHE)");
  }

  /** Reads a register of at most 64 bits; see {@link X86Register}. */
  public long register(int register) {
    scratch.set(JAVA_LONG, 0, 0);
    check(functions.regRead(handle, register, scratch.address()), "uc_reg_read");
    return scratch.get(JAVA_LONG, 0);
  }

  /** Writes a register of at most 64 bits. Not CR2: the library would overwrite CR3. */
  public void register(int register, long value) {
    scratch.set(JAVA_LONG, 0, value);
    check(functions.regWrite(handle, register, scratch.address()), "uc_reg_write");
  }

  /** Reads one half of an XMM register. */
  public long xmm(int number, boolean high) {
    check(functions.regRead(handle, X86Register.XMM0 + number, scratch.address()), "uc_reg_read");
    return scratch.get(JAVA_LONG, high ? 8 : 0);
  }

  /** Writes a model-specific register through the CPU's own WRMSR. */
  public void msr(int number, long value) {
    scratch.set(JAVA_LONG, 0, Integer.toUnsignedLong(number));
    scratch.set(JAVA_LONG, 8, value);
    check(functions.regWrite(handle, X86Register.MSR, scratch.address()), "uc_reg_write(MSR)");
  }

  /** Reads a model-specific register through the CPU's own RDMSR; unknown ones are 0. */
  public long msr(int number) {
    scratch.set(JAVA_LONG, 0, Integer.toUnsignedLong(number));
    scratch.set(JAVA_LONG, 8, 0);
    check(functions.regRead(handle, X86Register.MSR, scratch.address()), "uc_reg_read(MSR)");
    return scratch.get(JAVA_LONG, 8);
  }

  /** Writes GDTR, IDTR, LDTR or TR: {@code uc_x86_mmr}. */
  void tableRegister(int register, int selector, long base, int limit, int flags) {
    scratch.set(JAVA_LONG, 0, selector);
    scratch.set(JAVA_LONG, 8, base);
    scratch.set(JAVA_LONG, 16, Integer.toUnsignedLong(limit) | (long) flags << 32);
    check(functions.regWrite(handle, register, scratch.address()), "uc_reg_write(MMR)");
  }

  long handle() {
    return handle;
  }

  /** Stops a run whose hook has thrown; the run's state is lost anyway. */
  void abandonRun() {
    functions.emuStop(handle);
    if (budget != null) {
      budget.set(0); // the next block hook stops the engine
      budget.stopping(true);
    }
  }

  /** The library's own words for an error code. */
  public String errorText(int error) {
    return library.errorText(error);
  }

  private void check(int error, String call) {
    if (error != OK) {
      throw new UnicornException(call + " failed: " + library.errorText(error));
    }
  }

  /** Frees the CPU. Guest RAM stays the caller's. A second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      functions.close(handle);
      endCache.run();
      arena.close();
    }
  }
}
