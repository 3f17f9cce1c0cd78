package dev.monoceros.machine;

import dev.monoceros.machine.block.Disk;
import dev.monoceros.machine.chipset.ConsoleSink;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.machine.chipset.MachineControl;
import dev.monoceros.machine.cpu.CpuExit;
import dev.monoceros.machine.cpu.IdlePolicy;
import dev.monoceros.machine.time.Event;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.unicorn.UnicornException;
import dev.monoceros.unicorn.UnicornLibrary;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A PC with one CPU. {@link #open} checks and loads everything, {@link #run} runs to the end.
 *
 * <p>A run depends only on its {@link MachineConfig}, the files it names and what the {@link
 * ConsoleSource} gives; nothing of the host gets in, unless an {@link IdlePolicy} or a source that
 * looks at the host lets it.
 *
 * <p>Confined to one thread, save {@link #stop}, {@link #pressPowerButton}, {@link #injectNmi} and
 * {@link #resizeDisk}.
 */
public final class Machine implements AutoCloseable {
  private static final long MIB = 1 << 20;
  private static final int MOST_DISKS = 26;

  private final MachineConfig config;
  private final UnicornLibrary library;
  private final ConsoleWatch console;
  private final Optional<ScriptedConsole> script;
  private final ConsoleSink output;
  private final ConsoleSource input;
  private final Map<String, Disk> disks = new LinkedHashMap<>();
  private final StatsSum sum = new StatsSum();
  private IdlePolicy idlePolicy = IdlePolicy.JUMP;
  private volatile Board board; // read by stop(), which may come from another thread
  private Ending ending;
  private volatile StopRequest stopRequest;
  private final AtomicBoolean powerButton = new AtomicBoolean();
  private final AtomicBoolean nmi = new AtomicBoolean();
  private final Queue<Resize> resizes = new ConcurrentLinkedQueue<>();
  private volatile Thread runner;
  private int boots;
  private Event scriptLimit;

  /** Why {@link #stop} was called. */
  private record StopRequest(Verdict verdict, String detail) {}

  /** What another thread asked for. */
  private record Resize(String disk, long bytes, CompletableFuture<Void> done) {}

  /** What a device or the watch asked for. */
  private record Ending(Verdict verdict, String detail, OptionalInt value, boolean reset) {
    static Ending of(Verdict verdict, String detail) {
      return new Ending(verdict, detail, OptionalInt.empty(), false);
    }
  }

  private Machine(
      MachineConfig config, UnicornLibrary library, ConsoleSink sink, ConsoleSource input) {
    this.config = config;
    this.library = library;
    ConsoleWatch watch = new ConsoleWatch(sink, config.expect(), this::expectedSeen);
    this.console = watch;
    this.script =
        config
            .script()
            .map(s -> new ScriptedConsole(s, watch, input, this::now, new ScriptActions()));
    this.output = script.<ConsoleSink>map(s -> s).orElse(watch);
    this.input = script.<ConsoleSource>map(s -> s).orElse(input);
  }

  /**
   * Starts in the background what every machine needs and no configuration changes, some tens of
   * milliseconds once in a process. Never necessary; for a process that has something else to do
   * before it knows its machine.
   */
  public static void prepare() {
    UnicornLibrary.prepare();
  }

  /**
   * Makes a machine: opens its disks, loads its kernel.
   *
   * @param sink takes what the guest sends on its serial port, on the machine's thread
   * @param input gives what it receives there
   * @throws MachineException if something is missing or wrong: one sentence says what
   */
  public static Machine open(MachineConfig config, ConsoleSink sink, ConsoleSource input)
      throws MachineException {
    check(config);
    Machine machine = new Machine(config, findLibrary(config), sink, input);
    try {
      machine.openDisks();
      machine.powerOn(0);
      return machine;
    } catch (MachineException | RuntimeException | Error e) {
      machine.closeQuietly(e);
      throw e;
    }
  }

  private static void check(MachineConfig config) throws MachineException {
    long memory = config.memoryBytes();
    if (memory < MachineConfig.LEAST_MEMORY || memory % MIB != 0) {
      throw new MachineException(
          MachineException.Kind.CONFIG,
          "the guest needs at least "
              + MachineConfig.LEAST_MEMORY / MIB
              + " MiB of RAM, "
              + memory / MIB
              + " were asked for");
    }
    if (memory > MachineConfig.MOST_MEMORY) {
      throw new MachineException(
          MachineException.Kind.CONFIG,
          "the guest can have at most "
              + MachineConfig.MOST_MEMORY / MIB
              + " MiB of RAM, "
              + memory / MIB
              + " were asked for");
    }
    if (config.disks().size() > MOST_DISKS) {
      throw new MachineException(
          MachineException.Kind.CONFIG, "at most " + MOST_DISKS + " disks can be attached");
    }
    if (config.script().isPresent()) {
      check(config.script().get(), config.disks().size());
    }
  }

  private static void check(ConsoleScript script, int disks) throws MachineException {
    for (ConsoleScript.Step step : script.steps()) {
      if (step instanceof ConsoleScript.Resize(int line, String disk, long bytes)
          && disk.charAt(disk.length() - 1) - 'a' >= disks) {
        throw new MachineException(
            MachineException.Kind.CONFIG,
            "the script's line " + line + " would resize " + disk + ", which this machine lacks");
      }
    }
  }

  private static UnicornLibrary findLibrary(MachineConfig config) throws MachineException {
    try {
      return UnicornLibrary.find(config.libraries());
    } catch (UnicornException e) {
      throw new MachineException(MachineException.Kind.HOST, e.getMessage(), e);
    }
  }

  private void openDisks() throws MachineException {
    for (DiskSpec spec : config.disks()) {
      String name = "vd" + (char) ('a' + disks.size());
      try {
        disks.put(name, DiskOpener.open(spec));
      } catch (ImageException e) {
        throw new MachineException(MachineException.Kind.IMAGE, sentence(e), e);
      }
    }
  }

  /** The library says it as QEMU does, which is about permissions; a user wants to know who. */
  private static String sentence(ImageException e) {
    return e.kind() == ErrorKind.LOCKED
        ? e.path() + ": is in use by another process, or by another machine of this one"
        : e.getMessage();
  }

  private void powerOn(long elapsed) throws MachineException {
    Instant rtc = config.rtc().plusNanos(elapsed);
    board = new Board(config, library, rtc, disks, new Control(), output, input);
    scriptLimit = board.events().create(this::scriptLate);
    board.cpu().idlePolicy(idlePolicy);
    long left = config.maxVirtualNanos() - elapsed;
    if (config.maxVirtualNanos() != Long.MAX_VALUE) {
      board
          .events()
          .schedule(
              Math.max(0, left),
              () -> end(Ending.of(Verdict.TIMEOUT, "the limit of virtual time was reached")));
    }
    boots++;
    if (boots == 1) {
      script.ifPresent(ScriptedConsole::start);
    } else {
      armScript();
    }
    if (stopRequest != null || powerButton.get() || nmi.get() || !resizes.isEmpty()) {
      board.cpu().requestStop(); // it came while there was no board to stop
    }
  }

  /** A wait of the script may last so long; the limit outlives a reboot. */
  private void armScript() {
    long deadline = script.map(ScriptedConsole::deadline).orElse(Long.MAX_VALUE);
    if (deadline == Long.MAX_VALUE) {
      board.events().cancel(scriptLimit);
    } else {
      board.events().arm(scriptLimit, Math.max(0, deadline - sum.virtualNanos()));
    }
  }

  private void scriptLate() {
    end(Ending.of(Verdict.TIMEOUT, "the script waited too long: " + unmet().orElseThrow()));
  }

  /** What the script still waits for, as a clause. */
  private Optional<String> unmet() {
    return script
        .flatMap(ScriptedConsole::waiting)
        .map(e -> "line " + e.line() + ", expect " + e.pattern());
  }

  /** Chooses what the host does while the guest is halted. */
  public void idlePolicy(IdlePolicy policy) {
    idlePolicy = policy;
    board.cpu().idlePolicy(policy);
  }

  /** Ns of virtual time since the first power-on. */
  public long now() {
    return sum.virtualNanos() + board.cpu().now();
  }

  /** The libunicorn in use. */
  public String libraryVersion() {
    return library.versionText();
  }

  /** Whether the same inputs give the same run with the libunicorn in use. */
  public boolean deterministic() {
    return library.deterministic();
  }

  /**
   * Ends the run soon; from any thread.
   *
   * @param verdict TIMEOUT or STOPPED
   * @param detail one sentence
   */
  public void stop(Verdict verdict, String detail) {
    stopRequest = new StopRequest(verdict, detail);
    board.cpu().requestStop();
  }

  /**
   * Presses the power button: an operating system that listens (ACPI, fixed power button) shuts
   * down, others do nothing. From the machine's own thread, that is out of a {@link ConsoleSink} or
   * {@link ConsoleSource}, it is pressed at the guest's present time, the same in every run; from
   * another thread, soon.
   */
  public void pressPowerButton() {
    if (Thread.currentThread() == runner) {
      board.pressPowerButton();
    } else {
      powerButton.set(true);
      board.cpu().requestStop();
    }
  }

  /**
   * Pulses the board's NMI: Linux says "NMI received for unknown reason", or panics with a back
   * trace if booted with {@code unknown_nmi_panic}. Threads as for {@link #pressPowerButton}.
   */
  public void injectNmi() {
    if (Thread.currentThread() == runner) {
      board.injectNmi();
    } else {
      nmi.set(true);
      board.cpu().requestStop();
    }
  }

  /**
   * Gives a disk another size, and its image, and tells the guest: Linux says "new size". What is
   * cut off is lost, what is added reads as zero. Threads as for {@link #pressPowerButton}.
   *
   * @param name the guest's name for it: vda
   * @param bytes a positive multiple of 512
   * @return completes when it is done, with an {@link IOException} of one sentence if the disk
   *     cannot have that size, or if the run has ended before
   */
  public CompletableFuture<Void> resizeDisk(String name, long bytes) {
    Resize resize = new Resize(name, bytes, new CompletableFuture<>());
    if (Thread.currentThread() == runner) {
      carryOut(resize);
    } else {
      resizes.add(resize);
      board.cpu().requestStop();
    }
    return resize.done();
  }

  private void carryOut(Resize resize) {
    try {
      resizeNow(resize.disk(), resize.bytes());
      resize.done().complete(null);
    } catch (IOException e) {
      resize.done().completeExceptionally(e);
    }
  }

  private void resizeNow(String name, long bytes) throws IOException {
    Disk disk = disks.get(name);
    if (disk == null) {
      throw new IOException("this machine has no disk " + name);
    }
    if (bytes <= 0 || bytes % Disk.SECTOR_SIZE != 0) {
      throw new IOException("a disk's size is a positive multiple of 512 bytes");
    }
    disk.resize(bytes);
    board.capacityChanged(name);
  }

  /**
   * Ends the run with {@link Verdict#PASS} at the guest's present time. For the machine's own
   * thread, out of what a serial port is connected to; so it repeats to the bit.
   *
   * @param detail one sentence: what happened
   */
  public void endNow(String detail) {
    end(Ending.of(Verdict.PASS, detail));
  }

  /** Runs to the end: power-off, reset, a limit, or a fault. May be called once. */
  public RunResult run() {
    runner = Thread.currentThread();
    while (true) {
      Ending how = runBoot();
      if (!how.reset() || config.onReset() == MachineConfig.OnReset.EXIT) {
        return result(how);
      }
      Ending failed = reboot();
      if (failed != null) {
        return result(failed);
      }
    }
  }

  private Ending reboot() {
    long elapsed = now();
    sum.add(board);
    board.close();
    console.restarted();
    ending = null;
    try {
      powerOn(elapsed);
      return null;
    } catch (MachineException e) {
      return Ending.of(Verdict.EMULATOR_FAULT, e.getMessage());
    }
  }

  private Ending runBoot() {
    while (true) {
      CpuExit exit;
      try {
        exit = board.cpu().run();
      } catch (RuntimeException | StackOverflowError e) {
        return Ending.of(
            Verdict.EMULATOR_FAULT,
            "the emulator failed at %#x: %s".formatted(board.cpu().rip(), e));
      }
      Ending how =
          switch (exit) {
            case CpuExit.Stopped stopped -> stopped();
            case CpuExit.TripleFault fault -> tripleFault(fault);
            case CpuExit.Halted halted -> halted(halted);
            case CpuExit.EngineFault fault ->
                Ending.of(
                    Verdict.EMULATOR_FAULT, "%s at %#x".formatted(fault.message(), fault.rip()));
          };
      if (how != null) {
        return how;
      }
    }
  }

  private Ending stopped() {
    if (ending != null) {
      return ending;
    }
    if (powerButton.getAndSet(false)) {
      board.pressPowerButton();
    }
    if (nmi.getAndSet(false)) {
      board.injectNmi();
    }
    for (Resize next = resizes.poll(); next != null; next = resizes.poll()) {
      carryOut(next);
    }
    StopRequest request = stopRequest;
    return request == null ? null : Ending.of(request.verdict(), request.detail());
  }

  private Ending tripleFault(CpuExit.TripleFault fault) {
    Optional<String> announced = console.ending();
    if (announced.isPresent()) {
      return new Ending(
          Verdict.PASS,
          "the guest restarted by a triple fault, as its kernel announced",
          OptionalInt.empty(),
          true);
    }
    return new Ending(
        Verdict.TRIPLE_FAULT,
        "the CPU shut down by a triple fault at %#x".formatted(fault.rip()),
        OptionalInt.empty(),
        true);
  }

  private Ending halted(CpuExit.Halted halted) {
    if (console.ending().filter("System halted"::equals).isPresent()) {
      return Ending.of(Verdict.PASS, "the guest's kernel halted the system");
    }
    String why =
        halted.interruptsEnabled() ? "with no event left to come" : "with interrupts disabled";
    return Ending.of(Verdict.HANG, "the CPU halted at %#x %s".formatted(halted.rip(), why));
  }

  private void expectedSeen() {
    if (config.expectThen() == MachineConfig.ExpectThen.POWEROFF) {
      end(Ending.of(Verdict.PASS, "the expected line was seen"));
    }
  }

  private void end(Ending how) {
    if (ending == null) {
      ending = how;
      board.cpu().stopAtNextBlock();
    }
  }

  /** What the guest's end means, all told. */
  private RunResult result(Ending how) {
    Verdict verdict = how.verdict();
    String detail = how.detail();
    boolean guestEnded =
        switch (verdict) {
          case PASS, TRIPLE_FAULT, PANIC -> true;
          default -> false;
        };
    Optional<String> panic = console.panic();
    Optional<String> imageFailure = imageFailure();
    boolean wanted = config.expect().isPresent();
    boolean seen = console.expectedSeen();
    if (imageFailure.isPresent()) {
      verdict = Verdict.IMAGE_ERROR;
      detail = imageFailure.get();
    } else if (panic.isPresent() && verdict != Verdict.EMULATOR_FAULT && !(wanted && seen)) {
      verdict = Verdict.PANIC;
      detail = "the guest's kernel panicked: " + panic.get();
    } else if (guestEnded && wanted && seen) {
      verdict = Verdict.PASS;
      detail = "the expected line was seen";
    } else if (verdict == Verdict.PASS && unmet().isPresent()) {
      verdict = Verdict.NO_MARKER;
      detail = "the run ended before the script's " + unmet().get() + ": " + detail;
    } else if (verdict == Verdict.PASS && wanted) {
      verdict = Verdict.NO_MARKER;
      detail = "the run ended without the expected line: " + detail;
    }
    for (Resize late = resizes.poll(); late != null; late = resizes.poll()) {
      late.done().completeExceptionally(new IOException("the run has ended"));
    }
    sum.add(board);
    return new RunResult(
        verdict,
        detail,
        how.value(),
        sum.virtualNanos(),
        boots,
        console.bytes(),
        library.deterministic(),
        library.versionText(),
        sum.cpu(),
        diskStats());
  }

  private Optional<String> imageFailure() {
    return disks.values().stream()
        .flatMap(disk -> disk.failure().stream())
        .map(IOException::getMessage)
        .findFirst();
  }

  private List<DiskStats> diskStats() {
    List<DiskStats> stats = new ArrayList<>();
    disks.forEach((name, disk) -> stats.add(sum.disk(name, disk.cacheCounts())));
    return stats;
  }

  /** Flushes and closes the disks and gives everything back. */
  @Override
  public void close() throws IOException {
    IOException first = null;
    if (board != null) {
      board.close();
    }
    for (Disk disk : disks.values()) {
      try {
        disk.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    disks.clear();
    if (first != null) {
      throw first;
    }
  }

  private void closeQuietly(Throwable cause) {
    try {
      close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** What a script may ask of the machine; it plays on the machine's own thread. */
  private final class ScriptActions implements ScriptedConsole.Actions {
    @Override
    public void deadlineChanged() {
      armScript();
    }

    @Override
    public void pressPowerButton() {
      board.pressPowerButton();
    }

    @Override
    public void injectNmi() {
      board.injectNmi();
    }

    @Override
    public void resize(ConsoleScript.Resize step) {
      try {
        resizeNow(step.disk(), step.bytes());
      } catch (IOException e) {
        end(
            Ending.of(
                Verdict.IMAGE_ERROR,
                "the script's line "
                    + step.line()
                    + " cannot resize "
                    + step.disk()
                    + ": "
                    + e.getMessage()));
      }
    }

    @Override
    public void abort(ConsoleScript.Abort reason) {
      end(
          Ending.of(
              Verdict.NO_MARKER,
              "the console said what the script does not want: line "
                  + reason.line()
                  + ", abort "
                  + reason.pattern()));
    }
  }

  /** What devices may ask of the machine. */
  private final class Control implements MachineControl {
    @Override
    public void powerOff() {
      end(Ending.of(Verdict.PASS, "the guest powered off"));
    }

    @Override
    public void reset(String how) {
      end(
          new Ending(
              Verdict.PASS, "the guest reset the machine by " + how, OptionalInt.empty(), true));
    }

    @Override
    public void panicked() {
      end(Ending.of(Verdict.PANIC, "the guest's kernel reported a panic"));
    }

    @Override
    public void debugExit(int value) {
      end(
          new Ending(
              Verdict.DEBUG_EXIT,
              "the guest wrote " + value + " to the debug-exit port",
              OptionalInt.of(value),
              false));
    }
  }
}
