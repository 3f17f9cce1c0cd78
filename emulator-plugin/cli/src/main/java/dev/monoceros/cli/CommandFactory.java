package dev.monoceros.cli;

import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the commands with what they need of the host. */
final class CommandFactory implements IFactory {
  private final HostContext host;

  CommandFactory(HostContext host) {
    this.host = host;
  }

  @Override
  public <K> K create(Class<K> type) throws Exception {
    if (type == RunCommand.class) {
      return type.cast(new RunCommand(host));
    }
    if (type == DemoCommand.class) {
      return type.cast(new DemoCommand(host));
    }
    if (type == CacheCommand.class) {
      return type.cast(new CacheCommand(host));
    }
    if (type == VersionCommand.class) {
      return type.cast(new VersionCommand(host));
    }
    return CommandLine.defaultFactory().create(type);
  }
}
