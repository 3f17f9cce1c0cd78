package dev.monoceros.images;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program unpacked into the cache, run with the loader, libraries and data of its own tree: it
 * needs nothing installed, no root, and no particular libc on the host.
 *
 * @param name the program's name
 * @param command loader, library path and program; arguments follow
 * @param environment variables it needs besides the caller's
 * @param packages what it was unpacked from
 */
public record Tool(
    String name,
    List<String> command,
    Map<String, String> environment,
    List<PackageInfo> packages) {
  public Tool {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    packages = List.copyOf(packages);
  }

  /**
   * The same program started under another name, which is how multi-call programs are told what to
   * do.
   */
  Tool named(String other) {
    List<String> renamed = new ArrayList<>(command);
    renamed.set(renamed.indexOf("--argv0") + 1, other);
    return new Tool(other, renamed, environment, packages);
  }

  /** The whole command line for these arguments. */
  public List<String> commandLine(String... arguments) {
    List<String> line = new ArrayList<>(command);
    line.addAll(List.of(arguments));
    return line;
  }

  /** A process builder for these arguments, in the C locale. */
  public ProcessBuilder process(String... arguments) {
    ProcessBuilder builder = new ProcessBuilder(commandLine(arguments));
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(environment);
    return builder;
  }
}
