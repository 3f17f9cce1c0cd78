package dev.monoceros.tests.support;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A machine in a process of its own, for what a limit of the host does to it. */
public final class GuestProcess {
  private static final int SHELL_BLOCK = 512;

  private GuestProcess() {}

  /** The child's part: kernel, initrd, disk. */
  public static void main(String[] arguments) throws Exception {
    MachineConfig config =
        Guests.machine(Path.of(arguments[0]), Path.of(arguments[1]))
            .withDisks(List.of(DiskSpec.of(Path.of(arguments[2]))));
    Run run = Run.of(config);
    System.out.write(run.bytes());
    System.out.println("\nVERDICT " + run.result().verdict());
    System.out.println("DETAIL " + run.result().detail());
    System.out.flush();
  }

  /**
   * Runs one in which no file can grow beyond a size, as on a full disk.
   *
   * @return its console, a line VERDICT and a line DETAIL
   */
  public static String runWithFileLimit(long bytes, Path kernel, Path initrd, Path disk)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of("/bin/sh", "-c", "ulimit -f " + bytes / SHELL_BLOCK + "; exec \"$@\"", "sh"));
    command.addAll(
        ChildJvm.command(
            GuestProcess.class, kernel.toString(), initrd.toString(), disk.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (Images.status(process) != 0) {
      throw new AssertionError("the guest's process failed: " + said);
    }
    return said;
  }
}
