package dev.monoceros.cli;

import dev.monoceros.machine.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The process. */
public final class Main {
  /**
   * Where the launcher wants to be told the exit code: a JVM that cannot start or is killed ends
   * with numbers that a guest's command may end with, too.
   */
  private static final String STATUS_FILE = System.getProperty("monoceros.status", "");

  private Main() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    // While the options are looked at; most commands run a machine.
    Machine.prepare();
    HostContext host = HostContext.ofProcess();
    host.signals().install();
    int code;
    try {
      code = new Cli(host).execute(arguments);
    } catch (Throwable e) {
      code = Cli.fail(host, e);
    }
    tell(code);
    System.exit(code);
  }

  private static void tell(int code) {
    if (STATUS_FILE.isEmpty()) {
      return;
    }
    try {
      Files.writeString(Path.of(STATUS_FILE), code + "\n", StandardOpenOption.WRITE);
    } catch (IOException e) {
      // The launcher then goes by the status of this process.
    }
  }
}
