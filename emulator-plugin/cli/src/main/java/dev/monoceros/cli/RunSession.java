package dev.monoceros.cli;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.cli.console.ConsoleInput;
import dev.monoceros.cli.console.ConsoleLog;
import dev.monoceros.cli.console.ConsoleOutput;
import dev.monoceros.cli.console.PacedIdle;
import dev.monoceros.cli.console.RawTerminal;
import dev.monoceros.cli.console.ScriptInput;
import dev.monoceros.cli.console.SerialConnection;
import dev.monoceros.cli.console.SerialTarget;
import dev.monoceros.cli.console.TerminalInput;
import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.cli.report.InputFile;
import dev.monoceros.cli.report.RunReport;
import dev.monoceros.cli.report.ScriptUse;
import dev.monoceros.cli.report.Summary;
import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.chipset.ConsoleSink;
import dev.monoceros.machine.chipset.SerialPort;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** One run from the open machine to the exit code. */
final class RunSession {
  private static final int SIGPIPE = 13;

  private final HostContext host;
  private final BootPlan plan;
  private final OptionalLong timeoutNanos;
  private final SessionFiles files;
  private final boolean interactive;
  private final PacedIdle idle;
  private RawTerminal terminal;
  private ConsoleInput input;
  private Optional<SerialConnection> serial = Optional.empty();
  private RunControl control;
  private IOException outputFailure;

  /**
   * A run.
   *
   * @param timeoutNanos limit of the host's time, ns
   * @param files what else the run writes and reads
   * @param interactive whether somebody types at a terminal
   */
  RunSession(
      HostContext host,
      BootPlan plan,
      OptionalLong timeoutNanos,
      SessionFiles files,
      boolean interactive) {
    this.host = host;
    this.plan = plan;
    this.timeoutNanos = timeoutNanos;
    this.files = files;
    this.interactive = interactive;
    this.idle = new PacedIdle(host.nanos());
  }

  /**
   * Runs to the end and tells about it.
   *
   * @return what the process is to end with
   */
  int execute() throws MachineException, IOException {
    files.check(plan);
    List<InputFile> inputs = files.report().isPresent() ? inputs() : List.of();
    long begin = host.nanos().getAsLong();
    if (!interactive) {
      return run(begin, inputs);
    }
    terminal = RawTerminal.open();
    try {
      return run(begin, inputs);
    } finally {
      terminal.close();
    }
  }

  private List<InputFile> inputs() throws IOException {
    List<InputFile> inputs = new ArrayList<>(RunReport.inputs(plan));
    if (files.serial2() instanceof SerialTarget.Files(var output, Optional<Path> serialInput)
        && serialInput.isPresent()) {
      inputs.add(InputFile.of("serial2", serialInput.get()));
    }
    return inputs;
  }

  private int run(long begin, List<InputFile> inputs) throws MachineException, IOException {
    control = new RunControl(this::release, idle::wake);
    input = makeInput();
    serial =
        SerialPeer.connect(
            files.serial2(), host, idle::wake, e -> outputFailed("the file of --serial2", e));
    host.signals()
        .onStop((name, code) -> control.stop(Verdict.STOPPED, "stopped by " + name, code));
    ConsoleOutput output =
        new ConsoleOutput(host.streams().out(), e -> outputFailed("the console", e));
    RunResult result;
    IOException closing = null;
    try (ConsoleLog log = openLog(output)) {
      Machine machine = open(log == null ? output : log);
      try {
        host.warnIfNotRepeatable(machine);
        if (interactive || files.live()) {
          machine.idlePolicy(idle);
        }
        control.attach(machine);
        control.limit(timeoutNanos);
        result = machine.run();
      } finally {
        closing = close(machine);
      }
    } finally {
      output.close();
      closeSerial();
    }
    long wall = host.nanos().getAsLong() - begin;
    int exitCode = exitCode(result, closing);
    tell(result, wall, output.insideLine());
    if (files.report().isPresent()) {
      Optional<ScriptUse> script =
          input instanceof ScriptInput s ? Optional.of(s.use()) : Optional.empty();
      writeReport(
          RunReport.of(
              plan, inputs, files.settings(), script, files.live(), result, wall, exitCode));
    }
    return exitCode;
  }

  private void release() {
    input.release();
    serial.ifPresent(SerialConnection::release);
  }

  private ConsoleLog openLog(ConsoleOutput output) {
    if (files.consoleLog().isEmpty()) {
      return null;
    }
    try {
      return new ConsoleLog(
          files.consoleLog().get(), output, e -> outputFailed("the console's log", e));
    } catch (IOException e) {
      throw Failure.host("--console-log: the file cannot be written: " + e.getMessage(), e);
    }
  }

  private void closeSerial() {
    try {
      if (serial.isPresent()) {
        serial.get().close();
      }
    } catch (IOException e) {
      host.say("the second serial port could not be closed: " + e.getMessage());
    }
  }

  /** Where no libunicorn is found, why the cache has none is part of the answer. */
  private Machine open(ConsoleSink output) throws MachineException {
    try {
      MachineConfig config = plan.config();
      if (serial.isPresent()) {
        config = config.withSerial(SerialPort.COM2, serial.get().line());
      }
      return Machine.open(config, output, input);
    } catch (MachineException e) {
      boolean library = e.kind() == MachineException.Kind.HOST && plan.library().isEmpty();
      if (library && plan.libraryProblem().isPresent()) {
        throw Failure.host(e.getMessage() + "; " + plan.libraryProblem().get(), e);
      }
      throw e;
    }
  }

  private ConsoleInput makeInput() {
    if (!interactive) {
      return new ScriptInput(
          host.streams().in(),
          () -> host.say("the guest waits for a byte or the end of standard input"));
    }
    return new TerminalInput(host.streams().in(), idle, new Keys());
  }

  private final class Keys extends SessionKeys {
    Keys() {
      super(control);
    }

    @Override
    public void help() {
      host.say(
          "Ctrl-A X ends the run, Ctrl-A P presses the power button, Ctrl-A N pulses the NMI,"
              + " Ctrl-A B sends a break, Ctrl-A W types stty with the window's size,"
              + " Ctrl-A Ctrl-A sends Ctrl-A\r");
    }

    @Override
    public String windowSize() {
      return terminal.size().sttyCommand();
    }
  }

  private void outputFailed(String what, IOException e) {
    outputFailure = e;
    boolean nobodyReads = String.valueOf(e.getMessage()).contains("Broken pipe");
    if (nobodyReads) {
      control.stop(
          Verdict.STOPPED,
          "stopped because nobody reads " + what + " any more",
          ExitCode.SIGNAL + SIGPIPE);
    } else {
      control.stop(
          Verdict.EMULATOR_FAULT,
          what + " could not be written: " + e.getMessage(),
          ExitCode.EMULATOR_FAULT);
    }
  }

  /** A failure to flush must neither hide a worse one nor keep the summary from being printed. */
  private IOException close(Machine machine) {
    try {
      machine.close();
      return null;
    } catch (IOException e) {
      host.say("the disks could not be flushed and closed: " + e.getMessage());
      return e;
    }
  }

  private int exitCode(RunResult result, IOException closing) {
    boolean stopped =
        result.verdict() == Verdict.STOPPED
            || (outputFailure != null && result.verdict() == Verdict.EMULATOR_FAULT);
    if (closing != null && !stopped && result.verdict() != Verdict.EMULATOR_FAULT) {
      return ExitCode.IMAGE_ERROR;
    }
    return stopped ? control.exitCode().orElse(ExitCode.of(result)) : ExitCode.of(result);
  }

  private void tell(RunResult result, long wall, boolean insideLine) {
    if (insideLine && host.streams().errIsTerminal()) {
      host.streams().err().println();
    }
    Summary.lines(result, wall, living(), host.streams().errIsTerminal())
        .forEach(line -> host.streams().err().println(line));
  }

  private String living() {
    if (interactive) {
      return "interactive";
    }
    return files.live() ? "second serial port on a socket" : "";
  }

  private void writeReport(RunReport report) {
    try {
      report.write(files.report().get());
    } catch (IOException e) {
      throw Failure.host("the report cannot be written: " + e.getMessage(), e);
    }
  }
}
