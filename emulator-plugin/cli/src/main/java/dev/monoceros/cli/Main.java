package dev.monoceros.cli;

import dev.monoceros.cli.exit.ExitCode;

/** The process. */
public final class Main {
  /** A JVM that cannot start ends with 1, too; the launcher tells the two apart by this number. */
  private static final int SHIELDED =
      Integer.getInteger("monoceros.shielded", ExitCode.GUEST_FAILED);

  private Main() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    HostContext host = HostContext.ofProcess();
    host.signals().install();
    int code;
    try {
      code = new Cli(host).execute(arguments);
    } catch (Throwable e) {
      code = Cli.fail(host, e);
    }
    System.exit(code == ExitCode.GUEST_FAILED ? SHIELDED : code);
  }
}
