package dev.monoceros.cli.io;

import static dev.monoceros.cli.io.CommandInfo.of;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** All commands, by name. */
final class Commands {
  private final Map<String, Command> sorted = new TreeMap<>();
  private final Map<String, Command> byName = new HashMap<>();

  Commands() {
    add(new HelpCommand(this));
    add(new ReadCommand());
    add(VectorReadCommand.readv());
    add(VectorReadCommand.aioRead());
    add(new WriteCommand());
    add(new VectorWriteCommand());
    add(new AioWriteCommand());
    add(new DiscardCommand());
    add(new TruncateCommand());
    add(new OpenCommand());
    add(new ReopenCommand());
    addImageCommands();
    addBreakpointCommands();
    addProcessCommands();
  }

  private void addImageCommands() {
    add(
        of("aio_flush", Scope.IDLE_IMAGE, 0, 0)
            .texts(null, "completes all outstanding aio requests"),
        ImageCommands::aioFlush);
    add(
        of("flush", Scope.IDLE_IMAGE, 0, 0)
            .alias("f")
            .texts(null, "flush all in-core file state to disk"),
        ImageCommands::flush);
    add(
        of("length", Scope.IMAGE, 0, 0)
            .alias("l")
            .texts(null, "gets the length of the current file"),
        ImageCommands::length);
    add(
        of("close", Scope.IMAGE, 0, 0).alias("c").texts(null, "close the current open file"),
        ImageCommands::close);
    add(
        of("info", Scope.IDLE_IMAGE, 0, 0)
            .alias("i")
            .texts(null, "prints information about the current file"),
        InfoCommand::run);
    add(
        of("alloc", Scope.IDLE_IMAGE, 1, 2)
            .alias("a")
            .texts("offset [count]", "checks if offset is allocated in the file"),
        Allocation::count);
    add(
        of("map", Scope.IDLE_IMAGE, 0, 0).texts("", "prints the allocated areas of a file"),
        Allocation::map);
  }

  private void addBreakpointCommands() {
    add(
        of("break", Scope.IMAGE, 2, 2)
            .texts("event tag", "sets a breakpoint on event and tags the stopped request as tag"),
        BreakpointCommands::set);
    add(
        of("remove_break", Scope.IMAGE, 1, 1).texts("tag", "remove a breakpoint by tag"),
        BreakpointCommands::remove);
    add(
        of("resume", Scope.IMAGE, 1, 1).texts("tag", "resumes the request tagged as tag"),
        BreakpointCommands::resume);
    add(
        of("wait_break", Scope.IMAGE, 1, 1).texts("tag", "waits for the suspension of a request"),
        BreakpointCommands::await);
  }

  private void addProcessCommands() {
    add(
        of("abort", Scope.ANYWHERE, 0, 0).texts(null, "simulate a program crash using abort(3)"),
        SignalCommands::abort);
    add(
        of("sigraise", Scope.ANYWHERE, 1, 1)
            .texts("signal", "raises a signal")
            .help(
                """
                 raises the given signal

                 Example:
                 'sigraise 15' - raises SIGTERM

                 Invokes raise(signal), where "signal" is the mandatory integer argument
                 given to sigraise.
                """),
        SignalCommands::raise);
    add(
        of("sleep", Scope.ANYWHERE, 1, 1).texts(null, "waits for the given value in milliseconds"),
        SignalCommands::sleep);
    add(
        of("quit", Scope.ANYWHERE, 0, CommandInfo.ANY).alias("q").texts(null, "exit the program"),
        ImageCommands::quit);
  }

  private void add(CommandInfo info, SimpleCommand.Action action) {
    add(new SimpleCommand(info, action));
  }

  private void add(Command command) {
    CommandInfo info = command.info();
    sorted.put(info.name(), command);
    byName.put(info.name(), command);
    if (!info.alias().isEmpty()) {
      byName.put(info.alias(), command);
    }
  }

  /** In the order of their names. */
  Collection<Command> all() {
    return sorted.values();
  }

  /** All names, sorted. */
  Collection<String> names() {
    return sorted.keySet();
  }

  /** By name or alias. */
  Optional<Command> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }
}
