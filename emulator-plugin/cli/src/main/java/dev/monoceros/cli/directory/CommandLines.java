package dev.monoceros.cli.directory;

import dev.monoceros.cli.console.ConsoleOutput;
import dev.monoceros.cli.console.Streams;
import dev.monoceros.cli.report.ScriptUse;
import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.chipset.ConsoleSink;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.machine.chipset.SerialLine;
import dev.monoceros.machine.chipset.SerialPort;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The serial lines of a run of one command: its standard input and output, its standard error, the
 * agent's, and the kernel's console.
 */
public final class CommandLines implements AutoCloseable {
  private final KernelTail tail = new KernelTail();
  private final AgentChannel agent = new AgentChannel(this::over);
  private final WindowSize size = new WindowSize();
  private final ConsoleOutput output;
  private final ConsoleOutput errors;
  private final Optional<ConsoleOutput> console;
  private final Optional<StandardInput> stream;
  private final ConsoleSource input;
  private Machine machine;

  /**
   * Lines on the streams of this process.
   *
   * @param terminal keys, or empty for a command without a terminal
   * @param failed told when nobody can be told any more
   */
  public CommandLines(
      Streams streams,
      Optional<ConsoleSource> terminal,
      boolean showConsole,
      Consumer<IOException> failed) {
    output = new ConsoleOutput(streams.out(), failed);
    errors = new ConsoleOutput(streams.err(), failed);
    console =
        showConsole ? Optional.of(new ConsoleOutput(streams.err(), failed)) : Optional.empty();
    boolean none = terminal.isPresent() || streams.in() == Streams.NOTHING;
    stream = none ? Optional.empty() : Optional.of(new StandardInput(streams.in(), this::late));
    input = whenStarted(terminal.or(() -> stream).orElse(ConsoleSource.empty()));
  }

  /** Before the agent has set the line up, the guest's kernel would lose what comes. */
  private ConsoleSource whenStarted(ConsoleSource source) {
    return () -> agent.started() ? source.next() : ConsoleSource.NONE_NOW;
  }

  /** A configuration with these lines at its ports. */
  public MachineConfig connect(MachineConfig config, boolean terminal) {
    ConsoleSource nothing = ConsoleSource.empty();
    return config
        .withSerial(SerialPort.COM2, new SerialLine(output, input))
        .withSerial(SerialPort.COM3, new SerialLine(errors, nothing))
        .withSerial(SerialPort.COM4, new SerialLine(agent, terminal ? size : nothing));
  }

  /** The machine they are connected to. */
  public void attach(Machine made) {
    machine = made;
  }

  private void over(String detail) {
    machine.endNow(detail);
  }

  private void late() {
    machine.idlePolicy(new BatchedIdle());
  }

  /** Takes the kernel's console. */
  public ConsoleSink console() {
    return b -> {
      tail.write(b);
      console.ifPresent(shown -> shown.write(b));
    };
  }

  /** Where new sizes of the terminal go. */
  public Consumer<dev.monoceros.cli.console.RawTerminal.Size> resizes() {
    return size::changed;
  }

  /** Lets a machine that waits for input go on, because it is to stop; from any thread. */
  public void release() {
    stream.ifPresent(StandardInput::release);
  }

  /** Whether nothing of the host's own time has shaped what the command was given. */
  public boolean repeatable() {
    return stream.map(StandardInput::repeatable).orElse(true);
  }

  /** What the command has taken of standard input; nothing if there was none to take. */
  public ScriptUse use() {
    return stream
        .map(StandardInput::use)
        .orElseGet(() -> new StandardInput(Streams.NOTHING, () -> {}).use());
  }

  /** The command's status, if it ended. */
  public OptionalInt status() {
    return agent.status();
  }

  /** Why there was no command, if the agent said so. */
  public Optional<String> failure() {
    return agent.failure();
  }

  /** Whether the command was started. */
  public boolean started() {
    return agent.started();
  }

  /** What the agent said of each copy, counted from 1: 0 there, 1 not there, else not whole. */
  public Map<Integer, Integer> copies() {
    return agent.copies();
  }

  /** The kernel's last words on standard error, unless they have been seen. */
  public void printTail(Streams streams) {
    if (console.isEmpty()) {
      tail.print(streams.err());
    }
  }

  /** Writes what is left; the streams stay open. */
  @Override
  public void close() {
    output.close();
    errors.close();
    console.ifPresent(ConsoleOutput::close);
  }
}
