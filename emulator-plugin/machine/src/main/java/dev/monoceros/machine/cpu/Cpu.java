package dev.monoceros.machine.cpu;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.bus.InterruptController;
import dev.monoceros.machine.time.EventQueue;
import dev.monoceros.machine.time.VirtualClock;
import dev.monoceros.unicorn.BlockBudget;
import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.Engine;
import dev.monoceros.unicorn.Hooks;
import dev.monoceros.unicorn.UnicornLibrary;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One x86-64 CPU and its time. Virtual time passes with executed code, one nanosecond a byte of a
 * translated block, and jumps to the next event while the CPU is halted; it never looks at the
 * host.
 *
 * <p>Time is kept as the end of the current slice less what the block budget has left, so reading
 * it costs one load. The budget ends at the next event, and at once while an interrupt waits for
 * RFLAGS.IF. Only the block hook stops the engine: a stop asked for elsewhere can leave it in the
 * middle of a block and run a load twice.
 *
 * <p>Confined to one thread, save {@link #requestStop}.
 */
public final class Cpu implements VirtualClock, AutoCloseable {
  /** The longest stretch without a look at {@link #requestStop}, ns of virtual time. */
  private static final long LONGEST_SLICE = 5_000_000;

  private static final int CPU_MODEL_NEHALEM = 15;
  private static final long FLAG_TF = 1 << 8;
  private static final long FLAG_IF = 1 << 9;
  private static final long FLAG_RF = 1 << 16;
  private static final long DR6_BS = 1 << 14;

  /** No canonical address. */
  private static final long NOWHERE = Long.MIN_VALUE;

  private long postponedTo = NOWHERE;
  private final Engine engine;
  private final CpuState state;
  private final PhysicalRam ram;
  private final CpuCounters counters = new CpuCounters();
  private final Mmu mmu;
  private final EventDelivery delivery;
  private final BlockBudget budget;
  private final Optional<RandomUnit> random;
  private EventQueue events;
  private InterruptController interrupts;
  private PortAccess portAccess;
  private IdlePolicy idlePolicy = IdlePolicy.JUMP;
  private long sliceEnd;
  private long skipped;
  private boolean left; // stopped by the block hook, not by HLT
  private boolean tripleFault;
  private boolean nonMaskable; // one that has not been taken yet; a second one is lost
  private volatile boolean stopRequested;

  /** A CPU without RDRAND. */
  public Cpu(UnicornLibrary library, PhysicalRam ram) {
    this(library, ram, Optional.empty());
  }

  /**
   * Makes a CPU on some RAM; {@link #connect} must follow.
   *
   * @param numbers what RDRAND gives, 64 bits at a time; without them there is no RDRAND
   * @throws dev.monoceros.unicorn.UnicornException if the library refuses
   */
  public Cpu(UnicornLibrary library, PhysicalRam ram, Optional<LongSupplier> numbers) {
    this.ram = ram;
    engine = Engine.open(library, CPU_MODEL_NEHALEM);
    state = engine.state();
    mmu = new Mmu(engine, ram, counters);
    delivery = new EventDelivery(engine, mmu, counters);
    engine.mapRam(0, ram.segment().asSlice(0, ram.lowSize()));
    if (ram.highSize() > 0) {
      engine.mapRam(PhysicalRam.HIGH, ram.segment().asSlice(ram.lowSize(), ram.highSize()));
    }
    engine.onInterrupt(this::raised);
    engine.onInvalidInstruction(this::undefined);
    engine.onSyscall(new SyscallEntry(engine, mmu, counters, this::refuseEntry));
    engine.onSysenter(new SysenterEntry(engine, mmu, counters, this::refuseEntry));
    random = numbers.map(source -> new RandomUnit(engine, source));
    new CpuidUnit(state, library.timestampsHookable(), random.isPresent()).install(engine, this);
    budget = engine.onBudget(this::overdrawn);
    engine.hastenStrings(mmu::peekCode);
  }

  /**
   * Connects the CPU to the rest of the machine. Everything below 4 GiB that is no RAM becomes
   * {@code memory}.
   */
  public void connect(
      EventQueue queue, InterruptController controller, AddressBus memory, AddressBus ports) {
    this.events = queue;
    this.interrupts = controller;
    queue.onEarlierDeadline(this::endSlice);
    controller.onChange(this::endSlice);
    long base = ram.lowSize();
    engine.mapMmio(base, PhysicalRam.HIGH - base, new MemoryPort(memory, base));
    portAccess = new PortAccess(ports, state, mmu, engine::refusePort, this::endSlice);
    engine.onPorts(portAccess);
  }

  /** Chooses what happens while the guest is halted; {@link IdlePolicy#JUMP} unless told. */
  public void idlePolicy(IdlePolicy policy) {
    this.idlePolicy = policy;
  }

  /** Puts the registers where a kernel expects them. */
  public void start(StartState start) {
    new StartUp(engine, mmu).apply(start);
  }

  /** The same for an entry point in 32-bit protected mode. */
  public void start(ProtectedState start) {
    new StartUp(engine, mmu).apply(start);
  }

  /** Ns of virtual time since power-on; exact inside device callbacks, too. */
  @Override
  public long now() {
    return sliceEnd - budget.get();
  }

  @Override
  public void stall(long nanos) {
    skipped += nanos;
    budget.set(budget.get() - nanos);
  }

  /** What this CPU has done so far. */
  public CpuCounters counters() {
    counters.codeBytes = now() - skipped;
    counters.nativeTlbFills = mmu.fillsWithoutJava();
    return counters;
  }

  /** To be called when a device or Java has written to RAM: stale code must go. */
  public void memoryWritten(long address, long length) {
    mmu.written(address, length);
  }

  /** Where the CPU stands; meaningful between runs. */
  public long rip() {
    return state.rip();
  }

  /** The registers; for tests, debuggers and state dumps, between runs. */
  public CpuState state() {
    return state;
  }

  /** The engine; for tests. */
  Engine engine() {
    return engine;
  }

  /** Makes {@link #run} return soon; from the CPU's thread before the next block. */
  public void requestStop() {
    stopRequested = true;
  }

  /**
   * {@link #requestStop} from a device, on the CPU's own thread: takes effect at the next block.
   */
  public void stopAtNextBlock() {
    stopRequested = true;
    endSlice();
  }

  /**
   * The NMI pin, from the CPU's own thread: vector 2 whatever RFLAGS.IF says, but not again before
   * the handler's IRET (SDM 6.7.1).
   */
  public void raiseNonMaskable() {
    nonMaskable = true;
    endSlice();
  }

  /** Makes the next block hook look at events and interrupts; time stays as it is. */
  private void endSlice() {
    settle(now());
  }

  private void settle(long time) {
    sliceEnd = time;
    budget.set(0);
  }

  private void skipTo(long time) {
    skipped += time - now();
    settle(time);
  }

  /** Runs until a reason to return. May be called again after {@link CpuExit.Stopped}. */
  public CpuExit run() {
    CpuExit exit;
    do {
      exit = round(); // a method of its own is compiled, a loop that never ends hardly
    } while (exit == null);
    return exit;
  }

  /** Takes what waits and runs on; null when there is no reason to return. */
  private CpuExit round() {
    settle(now());
    events.runDue();
    if (stopRequested) {
      stopRequested = false;
      return new CpuExit.Stopped();
    }
    if (eventWaits() && !delivery.deliver(takeEvent(), 0, EventDelivery.Source.EXTERNAL)) {
      return new CpuExit.TripleFault(state.rip());
    }
    startSlice(0);
    return step();
  }

  /** Lets the engine run once. */
  private CpuExit step() {
    left = false;
    int error = engine.run(state.rip(), Mmu.neverExecuted());
    if (tripleFault) {
      tripleFault = false;
      return new CpuExit.TripleFault(state.rip());
    }
    if (error == Engine.ERR_EXCEPTION) {
      return pageFault();
    }
    if (error != Engine.OK) {
      return new CpuExit.EngineFault(
          state.rip(), "libunicorn stopped with " + engine.errorText(error));
    }
    if (portAccess.refused()) {
      portAccess.rewind();
      boolean alive = delivery.deliver(Vectors.GP, 0, EventDelivery.Source.EXCEPTION);
      return alive ? null : new CpuExit.TripleFault(state.rip());
    }
    return left || stopRequested ? null : halted();
  }

  private CpuExit pageFault() {
    long address = state.faultAddress();
    state.clearInFlight();
    if (mmu.retryAsSystem(address)) {
      return null;
    }
    boolean alive;
    if (PageTables.canonical(address)) {
      state.control(2, address);
      alive = delivery.deliver(Vectors.PF, mmu.faultCode(), EventDelivery.Source.EXCEPTION);
    } else {
      int vector = InstructionPeek.atRip(mmu, state).usesStack() ? Vectors.SS : Vectors.GP;
      alive = delivery.deliver(vector, 0, EventDelivery.Source.EXCEPTION);
    }
    return alive ? null : new CpuExit.TripleFault(state.rip());
  }

  private CpuExit halted() {
    counters.halts++;
    settle(now());
    if ((state.systemFlags() & FLAG_IF) == 0 && !nonMaskableOpen()) {
      return new CpuExit.Halted(state.rip(), false);
    }
    while (!nonMaskableOpen() && !interrupts.pending() && !stopRequested) {
      long deadline = events.nextDeadline();
      long until = idlePolicy.idle(now(), deadline);
      if (until == Long.MAX_VALUE) {
        return new CpuExit.Halted(state.rip(), true);
      }
      skipTo(until);
      events.runDue();
    }
    return null;
  }

  /** Whether an interrupt waits that can be taken now. */
  private boolean eventWaits() {
    return nonMaskableOpen() && notInhibited()
        || interrupts.pending() && (state.systemFlags() & FLAG_IF) != 0 && notInhibited();
  }

  /** The vector of what {@link #eventWaits} saw; SDM 6.9: NMI goes first. */
  private int takeEvent() {
    if (nonMaskableOpen()) {
      nonMaskable = false;
      state.blockNonMaskable();
      return Vectors.NMI;
    }
    return interrupts.acknowledge();
  }

  private boolean nonMaskableOpen() {
    return nonMaskable && !state.nonMaskableBlocked();
  }

  private boolean notInhibited() {
    return (state.hidden() & CpuState.HIDDEN_INHIBIT_IRQ) == 0;
  }

  /** Charges a block of {@code size} bytes and sets the budget to the next reason to look up. */
  private void startSlice(int size) {
    long now = now();
    long slice = LONGEST_SLICE;
    if (nonMaskable || interrupts.pending() || stopRequested) {
      slice = 0;
    } else {
      slice = Math.min(slice, events.nextDeadline() - now);
    }
    sliceEnd = now + slice;
    budget.set(slice - size);
  }

  /** The block hook, called when the budget does not cover the block about to run. */
  private void overdrawn(long address, int size) {
    if (!budget.countedNatively()) {
      budget.set(budget.get() - size);
      if (budget.get() >= 0) {
        endResume();
        return;
      }
    }
    settle(now() - size); // the block has been charged but has not run
    // An event inside the block happens before it: time jumps there, by less than the block's size.
    long deadline = events.nextDeadline();
    while (deadline < now() + size) {
      skipTo(Math.max(now(), deadline));
      events.runDue();
      deadline = events.nextDeadline();
    }
    if (stopRequested || tripleFault || portAccess.refused() || eventWaits()) {
      left = true;
      engine.requestStop();
    } else {
      endResume();
      startSlice(size);
    }
  }

  /** SDM 17.3.1.1: RF holds for one instruction, here for the block that begins with it. */
  private void endResume() {
    long flags = state.systemFlags();
    if ((flags & FLAG_RF) != 0) {
      state.systemFlags(flags & ~FLAG_RF);
    }
  }

  /** The engine's interrupt hook. 2.1.1 calls it for vector 6, too, after {@link #undefined}. */
  private void raised(int vector) {
    if (vector == Vectors.DB && state.dataStep() && !state.softwareInterrupt()) {
      accessed();
    } else if (vector != Vectors.UD) {
      take(vector);
    }
  }

  /** An instruction that met a data breakpoint is done: a trap (SDM 17.3.1.2). */
  private void accessed() {
    boolean shadow = (state.hidden() & CpuState.HIDDEN_INHIBIT_IRQ) != 0;
    if (shadow && state.rip() != postponedTo) {
      // MOV SS and POP SS: the trap comes behind the next instruction (SDM volume 3, 6.8.3), which
      // is stepped, too. Where that one raises #DB itself, or is an event, the trap comes before.
      postponedTo = state.rip();
      state.clearInFlight();
      return;
    }
    postponedTo = NOWHERE;
    int met = state.endDataStep();
    boolean guestSteps = (state.systemFlags() & FLAG_TF) != 0;
    long status = state.debugStatus() | met;
    state.debugStatus(guestSteps ? status : status & ~DR6_BS);
    if (met != 0 || guestSteps) {
      take(Vectors.DB);
    } else {
      state.clearInFlight();
    }
  }

  /** The engine's hook for invalid instructions: those it does not know, and INT 6. */
  private void undefined() {
    InstructionPeek next = InstructionPeek.atRip(mmu, state);
    if (state.softwareInterrupt()) {
      take(Vectors.UD);
    } else if (next.isIcebp()) {
      state.rip(state.rip() + next.length()); // SDM volume 2, INT1: a trap, gate not checked
      inject(Vectors.DB, 0, EventDelivery.Source.EXCEPTION);
    } else if (next.isRdrand() && random.isPresent()) {
      random.get().execute(next);
    } else if (next.isRdpmc()) {
      inject(Vectors.GP, 0, EventDelivery.Source.EXCEPTION); // no counter exists to be read
    } else {
      take(Vectors.UD);
    }
  }

  private void take(int vector) {
    EventDelivery.Source source =
        state.softwareInterrupt() ? EventDelivery.Source.SOFTWARE : EventDelivery.Source.EXCEPTION;
    int error = Vectors.hasErrorCode(vector) ? state.errorCode() : 0;
    inject(vector, error, source);
  }

  private void refuseEntry(int vector) {
    inject(vector, 0, EventDelivery.Source.EXCEPTION);
  }

  private void inject(int vector, int error, EventDelivery.Source source) {
    state.clearInFlight();
    if (!delivery.deliver(vector, error, source)) {
      tripleFault = true;
      endSlice();
    }
  }

  /** Frees the engine; RAM stays the caller's. */
  @Override
  public void close() {
    engine.close();
    mmu.close();
  }

  private record MemoryPort(AddressBus bus, long base) implements Hooks.Mmio {
    @Override
    public long read(long offset, int size) {
      return bus.read(base + offset, size);
    }

    @Override
    public void write(long offset, int size, long value) {
      bus.write(base + offset, size, value);
    }
  }
}
