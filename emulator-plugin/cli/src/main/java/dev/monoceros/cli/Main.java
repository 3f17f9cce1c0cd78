package dev.monoceros.cli;

/** The process. */
public final class Main {
  private Main() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] arguments) {
    HostContext host = HostContext.ofProcess();
    host.signals().install();
    int code = MonocerosCommand.execute(host, arguments);
    System.exit(code);
  }
}
