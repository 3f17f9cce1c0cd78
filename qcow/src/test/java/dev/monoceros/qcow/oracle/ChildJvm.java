package dev.monoceros.qcow.oracle;

import dev.monoceros.qcow.DiskImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.opentest4j.TestAbortedException;

/** Runs a main class of the tests in a JVM with a heap of its own. */
public final class ChildJvm {
  private ChildJvm() {}

  /** What it printed and how it ended. */
  public static QemuImg.Result run(String heap, Class<?> main, Object... arguments)
      throws IOException, InterruptedException {
    String classPath =
        Stream.of(
                DiskImage.class,
                main,
                com.github.luben.zstd.Zstd.class,
                Assertions.class,
                Assumptions.class,
                org.junit.platform.commons.JUnitException.class,
                TestAbortedException.class)
            .map(LockHolder::locationOf)
            .distinct()
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + heap, "--enable-native-access=ALL-UNNAMED"));
    String oracle = System.getProperty("monoceros.oracle.qemu-img");
    if (oracle != null) {
      command.add("-Dmonoceros.oracle.qemu-img=" + oracle);
    }
    command.addAll(List.of("-cp", classPath, main.getName()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    byte[] output = process.getInputStream().readAllBytes();
    return new QemuImg.Result(process.waitFor(), new String(output, StandardCharsets.UTF_8));
  }
}
