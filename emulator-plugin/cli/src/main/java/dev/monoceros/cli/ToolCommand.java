package dev.monoceros.cli;

import dev.monoceros.cli.tool.Tool;
import java.io.BufferedOutputStream;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code monoceros img} and {@code monoceros io}, for the list of commands. They read their own
 * options, as QEMU's tools do, so {@link Cli} hands them the words before picocli sees them.
 */
final class ToolCommand implements Subcommand {
  private final HostContext host;
  private final String name;
  private final String description;

  ToolCommand(HostContext host, String name, String description) {
    this.host = host;
    this.name = name;
    this.description = description;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void describe(CommandSpec spec) {
    spec.usageMessage().footer("'monoceros " + name + " --help' tells more.");
  }

  @Override
  public int run(ParseResult options) {
    return runWords(options.originalArgs());
  }

  /** Runs it as it would run as a process of its own. */
  int runWords(List<String> words) {
    Tool tool =
        new Tool(
            "monoceros " + name,
            host.streams().in(),
            new BufferedOutputStream(host.streams().out()),
            host.streams().err(),
            host.environment(),
            host.clock(),
            host.nanos());
    return ToolMain.run(name, tool, words);
  }
}
