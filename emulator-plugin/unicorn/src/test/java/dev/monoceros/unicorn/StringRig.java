package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.monoceros.unicorn.StringStart.Hole;
import dev.monoceros.unicorn.StringStart.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A CPU that runs one string instruction, and writes down what it does: every miss of the TLB,
 * every overdrawn budget, every access to a device, every exception, and the registers at each
 * stop.
 *
 * <p>A megabyte of addresses, repeated all over the address space, holds {@link #PAGES} pages of
 * data. The engine's TLB has the repetitions of a page in one place, at its first size.
 */
final class StringRig implements AutoCloseable {
  /** The first of two pages of code. */
  static final long CODE = 0x1000;

  static final long DATA = 0x20000;
  static final int PAGES = 24;
  static final long PAGE = 4096;
  static final long PLENTY = 10_000_000;

  /** Where nothing is: the code ends with a jump there. */
  static final long END = 0x9000;

  /** How far apart data is repeated. */
  static final long REPEATED = 1 << 20;

  private static final int MODEL_NEHALEM = 15;
  private static final long CODE_END = CODE + 2 * PAGE;
  private static final long UNTIL = 0x8010;
  private static final long DEVICE = 0x10_0000;
  private static final int RAM = 0x4_0000;
  private static final int MOST_EVENTS = 100_000;

  final MemorySegment ram = HostMemory.map(RAM);
  final Engine engine;
  final BlockBudget budget;

  /** What has happened. */
  final List<String> journal = new ArrayList<>();

  /** The new blocks of one short instruction. */
  final List<Offer> offers = new ArrayList<>();

  private final Arena arena = Arena.ofShared();
  private final Map<Long, MemorySegment> counted = new HashMap<>();
  private final MemorySegment entries = HostMemory.map(PAGE);
  private final byte[] noise = new byte[(int) (PAGES * PAGE)];
  private final Hole[] pages = new Hole[PAGES];
  private final List<Long> budgets = new ArrayList<>();
  private int instruction;
  private boolean stop;
  private boolean stopped;

  /**
   * A block that {@link StringRuns} was asked about.
   *
   * @param answer the code to call, or 0
   */
  record Offer(long block, int length, long answer) {}

  private StringRig(String version) {
    new SplittableRandom(1).nextBytes(noise);
    engine = Engine.open(TestLibraries.load(version), MODEL_NEHALEM);
    engine.mapRam(0, ram);
    engine.mapMmio(DEVICE, PAGE, new Device());
    engine.onTlbFill(this::fill);
    engine.onInterrupt(this::raised);
    budget = engine.onBudget(this::overdrawn);
  }

  /** The engine's own loop. */
  static StringRig slow(String version) {
    return new StringRig(version);
  }

  /** With {@link Engine#hastenStrings}, its code buffer near enough for that. */
  static StringRig fast(String version) {
    NearBuffer.forNextEngineOf(TestLibraries.load(version));
    StringRig rig = new StringRig(version);
    rig.engine.hastenStrings(rig::code);
    MemorySegment real = MemorySegment.ofAddress(HostMemory.getLong(rig.budget.cell() + 48));
    Upcalls upcalls = new Upcalls(rig.engine, rig.arena);
    rig.budget.lookAtBlocks(
        upcalls.newBlock(
            (block, length) -> {
              long answer = NativeCalls.call(real, block, length);
              rig.offers.add(new Offer(block, (int) length, answer));
              return answer == 0 ? 0 : rig.counted(answer);
            }));
    return rig;
  }

  /** Code that counts how often it is entered, and goes on. */
  private long counted(long code) {
    return counted
        .computeIfAbsent(
            code,
            target -> {
              ByteBuffer count = HostCode.buffer(32);
              count.put(HostCode.bytes(0x48, 0xb8)).putLong(entries.address()); // mov rax, entries
              count.put(HostCode.bytes(0x48, 0xff, 0x00)); // inc qword [rax]
              return HostMemory.mapCode(HostCode.jump(count, target).array());
            })
        .address();
  }

  /** How often blocks of one string instruction were entered through the code for many elements. */
  long entries() {
    return HostMemory.getLong(entries.address());
  }

  /** A byte of the code. */
  int code(long address) {
    return address >= CODE && address < CODE_END ? ram.get(JAVA_BYTE, address) & 0xff : -1;
  }

  private long fill(long page, Hooks.Access access) {
    long filled = translate(page, access);
    note("miss " + hex(page) + ' ' + access + ' ' + hex(filled));
    return filled;
  }

  private long translate(long page, Hooks.Access access) {
    if (page >= CODE && page < CODE_END || page == (UNTIL & -PAGE)) {
      return access == Hooks.Access.WRITE ? Hooks.FAULT : page | Hooks.READ | Hooks.EXEC;
    }
    long offset = (page & REPEATED - 1) - DATA;
    if (offset < 0 || offset >= PAGES * PAGE || access == Hooks.Access.FETCH) {
      return Hooks.FAULT;
    }
    Hole hole = pages[(int) (offset / PAGE)];
    long physical = hole.kind() == Kind.DEVICE ? DEVICE : DATA + hole.frame() * PAGE;
    boolean write = access == Hooks.Access.WRITE;
    return switch (hole.kind()) {
      case RAM, DEVICE -> physical | Hooks.READ | Hooks.WRITE;
      case CLEAN -> physical | Hooks.READ | (write ? Hooks.WRITE : 0);
      case READ_ONLY -> write ? Hooks.FAULT : physical | Hooks.READ;
      case ABSENT -> Hooks.FAULT;
    };
  }

  private void overdrawn(long address, int size) {
    // Of other blocks, which are counted inline, StringRuns tells nothing.
    boolean ofString = size == instruction;
    note("overdrawn " + (ofString ? "at " + hex(address) : "elsewhere") + ": " + counters());
    if (stop) {
      stopped = true;
      engine.requestStop();
    } else {
      budget.set(nextBudget());
      CpuState state = engine.state();
      state.systemFlags(state.systemFlags() & ~StringStart.FLAG_RF);
    }
  }

  private long nextBudget() {
    return budgets.isEmpty() ? PLENTY : budgets.removeFirst();
  }

  private void raised(int vector) {
    CpuState state = engine.state();
    note("exception " + vector + ": " + registers());
    if (state.dataStep()) {
      note("breakpoints " + state.endDataStep());
    }
    state.clearInFlight();
  }

  private void note(String event) {
    journal.add(event);
    if (journal.size() > MOST_EVENTS) {
      throw new IllegalStateException("does not end");
    }
  }

  /** Runs to the end, from an empty TLB and without translated code. */
  void run(StringStart start) {
    prepare(start);
    engine.flushTlb();
    engine.dropCode(CODE, CODE_END);
    go(start);
  }

  /** Runs the same again, with the TLB and the translated code as they are. */
  void runAgain(StringStart start) {
    prepare(start);
    go(start);
  }

  private void go(StringStart start) {
    journal.clear();
    offers.clear();
    HostMemory.putLong(entries.address(), 0);
    long rip = start.at();
    do {
      stopped = false;
      budget.set(nextBudget());
      int error = engine.run(rip, UNTIL);
      rip = engine.state().rip();
      note("ends with " + error + ": " + registers() + ' ' + counters());
    } while (stopped);
    note("last address refused " + hex(engine.state().faultAddress()));
  }

  private void prepare(StringStart start) {
    stop = start.stop();
    instruction = start.length();
    budgets.clear();
    budgets.addAll(start.budgets());
    Arrays.setAll(pages, page -> new Hole(page, Kind.RAM));
    start.holes().forEach(hole -> pages[hole.page()] = hole);
    MemorySegment.copy(noise, 0, ram, JAVA_BYTE, DATA, noise.length);
    byte[] code = HexFormat.of().parseHex(start.leading() + start.code());
    ByteBuffer program = HostCode.buffer(code.length + 5).put(code).put((byte) 0xe9); // jmp END
    program.putInt((int) (END - start.at() - program.capacity()));
    MemorySegment.copy(program.array(), 0, ram, JAVA_BYTE, start.at(), program.capacity());
    CpuState state = engine.state();
    for (int i = 0; i < 16; i++) {
      state.general(i, 0x0101_0101_0101_0101L * i);
    }
    state.general(CpuState.RAX, start.rax());
    state.general(CpuState.RCX, start.rcx());
    state.general(CpuState.RDI, start.rdi());
    state.general(CpuState.RSI, start.rsi());
    state.hidden(state.hidden() & ~StringStart.HIDDEN | start.hidden());
    engine.register(X86Register.EFLAGS, start.flags());
    state.clearInFlight();
  }

  private String registers() {
    StringBuilder all = new StringBuilder("rip ").append(hex(engine.state().rip()));
    for (int i = 0; i < 16; i++) {
      all.append(' ').append(hex(engine.state().general(i)));
    }
    return all.append(" flags ").append(hex(engine.register(X86Register.EFLAGS))).toString();
  }

  private String counters() {
    CpuState state = engine.state();
    return "rcx %x rdi %x rsi %x budget %d"
        .formatted(
            state.general(CpuState.RCX),
            state.general(CpuState.RDI),
            state.general(CpuState.RSI),
            budget.get());
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
    counted.values().forEach(HostMemory::unmap);
    HostMemory.unmap(entries);
    HostMemory.unmap(ram);
  }

  private final class Device implements Hooks.Mmio {
    @Override
    public long read(long offset, int size) {
      note("device gives " + hex(offset) + ' ' + size);
      return 0x9e37_79b9_7f4a_7c15L * (offset + 1);
    }

    @Override
    public void write(long offset, int size, long value) {
      note("device takes " + hex(offset) + ' ' + size + ' ' + hex(value));
    }
  }
}
