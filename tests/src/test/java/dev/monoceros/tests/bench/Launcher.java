package dev.monoceros.tests.bench;

import dev.monoceros.images.Tool;
import dev.monoceros.tests.support.ChildJvm;
import dev.monoceros.tests.support.Guests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Command lines of Monoceros and of QEMU as users start them. */
final class Launcher {
  private Launcher() {}

  /** {@code monoceros run} with a version of libunicorn. */
  static Subject monoceros(String version, String... arguments) {
    List<String> command = new ArrayList<>(command());
    command.add("run");
    command.addAll(List.of(arguments));
    command.addAll(List.of("--unicorn", Guests.library(version).toString()));
    return new Subject("monoceros, libunicorn " + version, command, Map.of());
  }

  /** QEMU's TCG on a Nehalem, without network and without a second boot. */
  static Subject qemu(String machine, String... arguments) {
    Tool qemu = Guests.oracles().qemuSystem();
    List<String> all = new ArrayList<>(List.of("-M", machine + ",accel=tcg", "-cpu", "Nehalem"));
    all.addAll(List.of("-nographic", "-no-reboot", "-nic", "none"));
    all.addAll(List.of(arguments));
    List<String> command = qemu.commandLine(all.toArray(String[]::new));
    return new Subject("QEMU 7.2 TCG -M " + machine, command, qemu.environment());
  }

  /** The command named by the property, else the repository's, else the main class in a new JVM. */
  private static List<String> command() {
    String named = System.getProperty("monoceros.command");
    if (named != null) {
      return List.of(named);
    }
    Path here = Path.of("").toAbsolutePath();
    for (Path folder = here; folder != null; folder = folder.getParent()) {
      Path command = folder.resolve("bin").resolve("monoceros");
      if (Files.isExecutable(command)) {
        return List.of(command.toString());
      }
    }
    return ChildJvm.command("dev.monoceros.cli.Main");
  }
}
