package dev.monoceros.cli;

import dev.monoceros.cli.boot.DirectoryPlanner;
import dev.monoceros.cli.console.PacedIdle;
import dev.monoceros.cli.console.RawTerminal;
import dev.monoceros.cli.console.TerminalInput;
import dev.monoceros.cli.directory.CommandLines;
import dev.monoceros.cli.directory.CopyOut;
import dev.monoceros.cli.directory.DirectoryRequest;
import dev.monoceros.cli.exit.ExitCode;
import dev.monoceros.cli.exit.Failure;
import dev.monoceros.cli.report.InputFile;
import dev.monoceros.cli.report.RunReport;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.agent.ReceivedFiles;
import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** One command's run from the open machine to the exit code. */
final class DirectorySession {
  private static final int SIGPIPE = 13;

  private final HostContext host;
  private final DirectoryRequest directory;
  private final DirectoryPlanner.Plan plan;
  private final OptionalLong timeoutNanos;
  private final Optional<Path> reportFile;
  private final Optional<RawTerminal> terminal;
  private final PacedIdle idle;
  private final RunControl control;
  private final CommandLines lines;
  private Optional<TerminalInput> keys = Optional.empty();
  private boolean copiesFailed;

  DirectorySession(
      HostContext host,
      DirectoryRequest directory,
      DirectoryPlanner.Plan plan,
      OptionalLong timeoutNanos,
      Optional<Path> reportFile,
      Optional<RawTerminal> terminal) {
    this.host = host;
    this.directory = directory;
    this.plan = plan;
    this.timeoutNanos = timeoutNanos;
    this.reportFile = reportFile;
    this.terminal = terminal;
    this.idle = new PacedIdle(host.nanos());
    this.control = new RunControl(this::release, idle::wake);
    this.keys = terminal.map(t -> keys());
    this.lines =
        new CommandLines(
            host.streams(),
            keys.map(k -> (ConsoleSource) k),
            directory.showConsole(),
            this::outputFailed);
  }

  private TerminalInput keys() {
    return new TerminalInput(host.streams().in(), idle, new Keys());
  }

  private final class Keys extends SessionKeys {
    Keys() {
      super(control);
    }

    @Override
    public void help() {
      host.say("Ctrl-A X ends the run, Ctrl-A Ctrl-A sends Ctrl-A\r");
    }

    /** The agent tells it to the command's terminal. */
    @Override
    public String windowSize() {
      return "";
    }
  }

  private void release() {
    keys.ifPresent(TerminalInput::release);
    lines.release();
  }

  /**
   * Runs to the end and copies what is wanted.
   *
   * @return what the process is to end with
   */
  int execute() throws MachineException, IOException {
    List<InputFile> inputs = reportFile.isPresent() ? RunReport.inputs(plan.boot()) : List.of();
    long begin = host.nanos().getAsLong();
    host.signals()
        .onStop((name, code) -> control.stop(Verdict.STOPPED, "stopped by " + name, code));
    RunResult result = runMachine();
    long wall = host.nanos().getAsLong() - begin;
    terminal.ifPresent(RawTerminal::close);
    boolean over = result.verdict() == Verdict.PASS && lines.status().isPresent();
    if (over) {
      copyOut();
    } else {
      lines.printTail(host.streams());
      host.say(result.verdict() + ": " + result.detail());
    }
    int exitCode = exitCode(result, over);
    if (reportFile.isPresent()) {
      writeReport(result, inputs, wall, exitCode);
    }
    return exitCode;
  }

  private RunResult runMachine() throws MachineException, IOException {
    try (lines;
        Machine machine =
            Machine.open(
                lines.connect(plan.boot().config(), terminal.isPresent()),
                lines.console(),
                ConsoleSource.empty())) {
      host.warnIfNotRepeatable(machine);
      lines.attach(machine);
      if (terminal.isPresent()) {
        RawTerminal raw = terminal.get();
        machine.idlePolicy(idle);
        raw.onResize(() -> lines.resizes().accept(raw.size()));
      }
      control.attach(machine);
      control.limit(timeoutNanos);
      return machine.run();
    }
  }

  private void outputFailed(IOException e) {
    boolean nobodyReads = String.valueOf(e.getMessage()).contains("Broken pipe");
    control.stop(
        nobodyReads ? Verdict.STOPPED : Verdict.EMULATOR_FAULT,
        nobodyReads
            ? "nobody reads the command's output any more"
            : "the command's output could not be written: " + e.getMessage(),
        nobodyReads ? ExitCode.SIGNAL + SIGPIPE : ExitCode.EMULATOR_FAULT);
  }

  private void copyOut() {
    List<CopyOut> copies = directory.copies();
    for (int i = 0; i < copies.size(); i++) {
      CopyOut copy = copies.get(i);
      int status = lines.copies().getOrDefault(i + 1, -1);
      if (status != 0) {
        copiesFailed = true;
        host.say(
            status == 1
                ? "--copy-out: the guest has no " + copy.guest()
                : "--copy-out: "
                    + copy.guest()
                    + " could not be read whole in the guest; perhaps it is larger than --copy-limit");
        continue;
      }
      try {
        ReceivedFiles.unpack(plan.scratch().get(i), copy.target())
            .forEach(note -> host.say("--copy-out: left out of " + copy.guest() + ": " + note));
      } catch (ImagesException e) {
        copiesFailed = true;
        host.say("--copy-out " + copy.guest() + ": " + e.getMessage());
      }
    }
  }

  private int exitCode(RunResult result, boolean over) {
    if (over) {
      int status = lines.status().getAsInt();
      return status == 0 && copiesFailed ? ExitCode.GUEST_FAILED : status;
    }
    return switch (result.verdict()) {
      case STOPPED, EMULATOR_FAULT -> control.exitCode().orElse(ExitCode.of(result));
      case PASS -> ExitCode.GUEST_FAILED;
      default -> ExitCode.of(result);
    };
  }

  private void writeReport(RunResult result, List<InputFile> inputs, long wall, int exitCode)
      throws IOException {
    boolean typed = terminal.isPresent();
    RunReport report =
        RunReport.of(
            plan.boot(),
            inputs,
            Map.of(),
            typed ? Optional.empty() : Optional.of(lines.use()),
            false,
            result,
            wall,
            exitCode);
    Map<String, Object> command = new LinkedHashMap<>();
    command.put("started", lines.started());
    lines.status().ifPresent(status -> command.put("status", status));
    lines.failure().ifPresent(failure -> command.put("failure", failure));
    command.put("copied", directory.copies().isEmpty() ? List.of() : lines.copies());
    report.with("command", command);
    if (!lines.repeatable()) {
      report.with("repeatable", false);
    }
    try {
      report.write(reportFile.get());
    } catch (IOException e) {
      throw Failure.host("the report cannot be written: " + e.getMessage(), e);
    }
  }
}
