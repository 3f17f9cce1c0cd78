package dev.monoceros.tests.support;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A guest of somebody else's: QEMU 7.2's TCG, the peer of whole runs. */
public final class QemuGuest {
  /** So long a run may take before it is killed; a quiet host needs a tenth. */
  private static final long LIMIT_SECONDS = 240;

  private QemuGuest() {}

  /**
   * Runs a machine without network and graphics to its end.
   *
   * @param machine QEMU's {@code -M}
   * @param options more of its options
   * @return all that the guest said on its first serial port, and QEMU itself
   */
  public static String run(String machine, List<String> options)
      throws IOException, InterruptedException {
    return run(machine, options, LIMIT_SECONDS);
  }

  /** The same for a run that may take longer than others, in seconds of the host's time. */
  public static String run(String machine, List<String> options, long limitSeconds)
      throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("-M", machine + ",accel=tcg", "-display", "none"));
    line.addAll(List.of("-serial", "stdio", "-no-reboot", "-nic", "none"));
    line.addAll(options);
    Process process =
        Guests.oracles()
            .qemuSystem()
            .process(line.toArray(String[]::new))
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    Thread limit = Thread.ofPlatform().daemon().start(() -> end(process, limitSeconds));
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    limit.interrupt();
    return said;
  }

  private static void end(Process process, long limitSeconds) {
    try {
      if (!process.waitFor(limitSeconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // It has ended.
    }
  }
}
