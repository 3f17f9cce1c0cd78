package dev.monoceros.cli;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.cli.boot.OutputFiles;
import dev.monoceros.cli.console.SerialTarget;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a run writes and reads on the host besides its disks and its console.
 *
 * @param report where the report goes
 * @param consoleLog takes what the console says
 * @param serial2 what the second serial port is connected to
 */
record SessionFiles(Optional<Path> report, Optional<Path> consoleLog, SerialTarget serial2) {
  /** Nothing. */
  static final SessionFiles NONE =
      new SessionFiles(Optional.empty(), Optional.empty(), new SerialTarget.None());

  /**
   * Refuses to overwrite what the run reads.
   *
   * @throws dev.monoceros.cli.exit.Failure naming the file
   */
  void check(BootPlan plan) {
    if (settings().isEmpty() && report.isEmpty()) {
      return;
    }
    OutputFiles files = OutputFiles.of(plan.config());
    if (serial2 instanceof SerialTarget.Files serial) {
      serial.input().ifPresent(input -> files.add(input, "an input"));
      files.check("--serial2", serial.output());
      files.add(serial.output(), "another output");
    }
    consoleLog.ifPresent(
        log -> {
          files.check("--console-log", log);
          files.add(log, "another output");
        });
    report.ifPresent(file -> files.check("--report", file));
  }

  /** Whether the run depends on somebody at the other end of a socket. */
  boolean live() {
    return serial2 instanceof SerialTarget.Socket;
  }

  /** The settings that are not as if nothing had been said, for the configuration of a run. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    if (!(serial2 instanceof SerialTarget.None)) {
      settings.put("serial2", serial2.text());
    }
    consoleLog.ifPresent(log -> settings.put("console-log", log.toString()));
    return settings;
  }
}
