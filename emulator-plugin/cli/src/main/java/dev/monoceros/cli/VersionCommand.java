package dev.monoceros.cli;

import dev.monoceros.cli.exit.ExitCode;
import java.io.IOException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code monoceros version}. */
final class VersionCommand implements Subcommand {
  private final HostContext host;

  VersionCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public String name() {
    return "version";
  }

  @Override
  public String description() {
    return "Prints the version.";
  }

  @Override
  public void describe(CommandSpec spec) {
    // no options
  }

  @Override
  public int run(ParseResult options) throws IOException {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    String words = version == null ? "(unpackaged)" : version;
    host.print("monoceros " + words + ", Java " + Runtime.version() + "\n");
    return ExitCode.PASS;
  }
}
