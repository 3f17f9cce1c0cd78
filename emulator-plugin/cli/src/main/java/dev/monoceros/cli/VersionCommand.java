package dev.monoceros.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code monoceros version}. */
@Command(name = "version", description = "Prints the version.")
final class VersionCommand implements Callable<Integer> {
  private final HostContext host;

  VersionCommand(HostContext host) {
    this.host = host;
  }

  @Override
  public Integer call() throws IOException {
    String version = VersionCommand.class.getPackage().getImplementationVersion();
    String text =
        "monoceros %s, Java %s%n"
            .formatted(version == null ? "(unpackaged)" : version, Runtime.version());
    host.streams().out().write(text.getBytes(StandardCharsets.UTF_8));
    return ExitCode.PASS;
  }
}
