package dev.monoceros.tests.bench;

import java.util.List;
import java.util.Map;

/**
 * A command to be timed.
 *
 * @param name how the table calls it
 * @param command the command line
 * @param environment variables besides the caller's
 */
record Subject(String name, List<String> command, Map<String, String> environment) {
  ProcessBuilder process() {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return builder;
  }
}
