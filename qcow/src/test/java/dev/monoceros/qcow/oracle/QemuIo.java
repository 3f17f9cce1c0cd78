package dev.monoceros.qcow.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Somebody else's hand on an image: qemu-io. */
public final class QemuIo {
  static final String NAME = "qemu-io";

  private static final OracleTool TOOL = OracleTool.find(NAME);

  private QemuIo() {}

  /** Aborts the calling test, saying why, where there is no qemu-io. */
  public static void require() {
    TOOL.require();
  }

  /** Carries out commands on a QCOW2 image, all of which must succeed. */
  public static void run(Path image, List<String> commands) {
    List<String> line = new ArrayList<>(List.of(TOOL.path(), "-f", "qcow2"));
    for (String command : commands) {
      line.add("-c");
      line.add(command);
    }
    line.add(image.toString());
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      assertThat(output).doesNotContain("failed", "Invalid", "Pattern verification");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs qemu-io and returns all it says, whatever becomes of it. */
  public static String output(List<String> arguments) {
    List<String> line = new ArrayList<>(List.of(TOOL.path()));
    line.addAll(arguments);
    try {
      Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
