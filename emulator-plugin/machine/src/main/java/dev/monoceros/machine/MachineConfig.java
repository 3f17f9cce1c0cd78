package dev.monoceros.machine;

import dev.monoceros.machine.boot.BootProtocol;
import dev.monoceros.machine.chipset.SerialLine;
import dev.monoceros.machine.chipset.SerialPort;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What to run. Everything a run depends on, save the files' contents, is in here; nothing is taken
 * from the host.
 *
 * @param kernel a bzImage or an ELF vmlinux
 * @param boot how it is entered
 * @param initrds initial RAM disks, concatenated in this order
 * @param commandLine the kernel's whole command line
 * @param memoryBytes guest RAM, a multiple of 1 MiB from 64 MiB to 512 GiB
 * @param disks virtio block devices: vda, vdb, ...
 * @param rtc what the real-time clock shows at power-on
 * @param seed seeds the kernel's random number generator and the entropy device
 * @param debugExitPort first of four I/O ports; a write of n there ends the run
 * @param onReset what a reset asked for by the guest does
 * @param maxVirtualNanos limit of virtual time in ns, {@link Long#MAX_VALUE} for none
 * @param expect ends the run when a console line matches
 * @param expectThen what then happens
 * @param script a dialogue with the console
 * @param serial the serial ports besides the console, which is COM1, and what they are connected to
 * @param rng an entropy device with the seed's random bytes, and how the guest reaches it
 * @param rdrand whether the CPU has RDRAND, with the seed's random bytes
 * @param libraries libunicorn files of the project's cache, best first
 */
public record MachineConfig(
    Path kernel,
    BootProtocol boot,
    List<Path> initrds,
    String commandLine,
    long memoryBytes,
    List<DiskSpec> disks,
    Instant rtc,
    long seed,
    int debugExitPort,
    OnReset onReset,
    long maxVirtualNanos,
    Optional<Pattern> expect,
    ExpectThen expectThen,
    Optional<ConsoleScript> script,
    SortedMap<SerialPort, SerialLine> serial,
    Optional<DiskSpec.Transport> rng,
    boolean rdrand,
    List<Path> libraries) {
  /** RAM unless told: 512 MiB. */
  public static final long DEFAULT_MEMORY = 512L << 20;

  /** The least RAM that is accepted: 64 MiB. */
  public static final long LEAST_MEMORY = 64L << 20;

  /** The most RAM that is accepted: 512 GiB. */
  public static final long MOST_MEMORY = 512L << 30;

  /** What the clock shows at power-on unless told. */
  public static final Instant DEFAULT_RTC = Instant.parse("2026-01-01T00:00:00Z");

  /** QEMU's isa-debug-exit port. */
  public static final int DEFAULT_DEBUG_EXIT_PORT = 0xf4;

  /** What a reset asked for by the guest does. */
  public enum OnReset {
    EXIT,
    REBOOT
  }

  /** What happens when the expected line has been seen. */
  public enum ExpectThen {
    POWEROFF,
    CONTINUE
  }

  /** Checks that nothing is missing and copies the lists. */
  public MachineConfig {
    Objects.requireNonNull(kernel);
    Objects.requireNonNull(boot);
    initrds = List.copyOf(initrds);
    Objects.requireNonNull(commandLine);
    disks = List.copyOf(disks);
    Objects.requireNonNull(rtc);
    Objects.requireNonNull(onReset);
    Objects.requireNonNull(expect);
    Objects.requireNonNull(expectThen);
    Objects.requireNonNull(script);
    serial = Collections.unmodifiableSortedMap(new TreeMap<>(serial));
    if (serial.containsKey(SerialPort.COM1)) {
      throw new IllegalArgumentException("COM1 is the console");
    }
    Objects.requireNonNull(rng);
    libraries = List.copyOf(libraries);
  }

  /** A configuration with every default, to be changed with the {@code with} methods. */
  public static MachineConfig of(Path kernel) {
    return new MachineConfig(
        kernel,
        BootProtocol.LINUX,
        List.of(),
        "",
        DEFAULT_MEMORY,
        List.of(),
        DEFAULT_RTC,
        0,
        DEFAULT_DEBUG_EXIT_PORT,
        OnReset.EXIT,
        Long.MAX_VALUE,
        Optional.empty(),
        ExpectThen.POWEROFF,
        Optional.empty(),
        Collections.emptySortedMap(),
        Optional.empty(),
        false,
        List.of());
  }

  /** This with another way to enter the kernel. */
  public MachineConfig withBoot(BootProtocol other) {
    Copy copy = new Copy(this);
    copy.boot = other;
    return copy.done();
  }

  /** This with other initial RAM disks. */
  public MachineConfig withInitrds(List<Path> other) {
    Copy copy = new Copy(this);
    copy.initrds = other;
    return copy.done();
  }

  /** This with another command line. */
  public MachineConfig withCommandLine(String other) {
    Copy copy = new Copy(this);
    copy.commandLine = other;
    return copy.done();
  }

  /** This with another amount of RAM in bytes. */
  public MachineConfig withMemoryBytes(long other) {
    Copy copy = new Copy(this);
    copy.memoryBytes = other;
    return copy.done();
  }

  /** This with other disks. */
  public MachineConfig withDisks(List<DiskSpec> other) {
    Copy copy = new Copy(this);
    copy.disks = other;
    return copy.done();
  }

  /** This with another time of the real-time clock. */
  public MachineConfig withRtc(Instant other) {
    Copy copy = new Copy(this);
    copy.rtc = other;
    return copy.done();
  }

  /** This with another seed. */
  public MachineConfig withSeed(long other) {
    Copy copy = new Copy(this);
    copy.seed = other;
    return copy.done();
  }

  /** This with another answer to a reset. */
  public MachineConfig withOnReset(OnReset other) {
    Copy copy = new Copy(this);
    copy.onReset = other;
    return copy.done();
  }

  /** This with another limit of virtual time, ns. */
  public MachineConfig withMaxVirtualNanos(long other) {
    Copy copy = new Copy(this);
    copy.maxVirtualNanos = other;
    return copy.done();
  }

  /** This with a line to wait for and what then happens. */
  public MachineConfig withExpect(Pattern line, ExpectThen then) {
    Copy copy = new Copy(this);
    copy.expect = Optional.of(line);
    copy.expectThen = then;
    return copy.done();
  }

  /** This with a dialogue with the console. */
  public MachineConfig withScript(ConsoleScript dialogue) {
    Copy copy = new Copy(this);
    copy.script = Optional.of(dialogue);
    return copy.done();
  }

  /**
   * This with one more serial port, or another line at one.
   *
   * @param port any but COM1
   */
  public MachineConfig withSerial(SerialPort port, SerialLine line) {
    Copy copy = new Copy(this);
    copy.serial = new TreeMap<>(serial);
    copy.serial.put(port, line);
    return copy.done();
  }

  /** This with an entropy device. */
  public MachineConfig withRng(DiskSpec.Transport transport) {
    Copy copy = new Copy(this);
    copy.rng = Optional.of(transport);
    return copy.done();
  }

  /** This with RDRAND. */
  public MachineConfig withRdrand() {
    Copy copy = new Copy(this);
    copy.rdrand = true;
    return copy.done();
  }

  /** This with other libunicorn files. */
  public MachineConfig withLibraries(List<Path> other) {
    Copy copy = new Copy(this);
    copy.libraries = other;
    return copy.done();
  }

  /** A configuration that can be changed, so that each component is named in one place. */
  private static final class Copy {
    private Path kernel;
    private BootProtocol boot;
    private List<Path> initrds;
    private String commandLine;
    private long memoryBytes;
    private List<DiskSpec> disks;
    private Instant rtc;
    private long seed;
    private int debugExitPort;
    private OnReset onReset;
    private long maxVirtualNanos;
    private Optional<Pattern> expect;
    private ExpectThen expectThen;
    private Optional<ConsoleScript> script;
    private SortedMap<SerialPort, SerialLine> serial;
    private Optional<DiskSpec.Transport> rng;
    private boolean rdrand;
    private List<Path> libraries;

    Copy(MachineConfig from) {
      kernel = from.kernel;
      boot = from.boot;
      initrds = from.initrds;
      commandLine = from.commandLine;
      memoryBytes = from.memoryBytes;
      disks = from.disks;
      rtc = from.rtc;
      seed = from.seed;
      debugExitPort = from.debugExitPort;
      onReset = from.onReset;
      maxVirtualNanos = from.maxVirtualNanos;
      expect = from.expect;
      expectThen = from.expectThen;
      script = from.script;
      serial = from.serial;
      rng = from.rng;
      rdrand = from.rdrand;
      libraries = from.libraries;
    }

    MachineConfig done() {
      return new MachineConfig(
          kernel,
          boot,
          initrds,
          commandLine,
          memoryBytes,
          disks,
          rtc,
          seed,
          debugExitPort,
          onReset,
          maxVirtualNanos,
          expect,
          expectThen,
          script,
          serial,
          rng,
          rdrand,
          libraries);
    }
  }
}
