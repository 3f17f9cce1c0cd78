package dev.monoceros.tests.support;

import dev.monoceros.images.Oracles;
import dev.monoceros.images.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Gives qcow's own tests, which run again in this module, the qemu-img of the package cache: they
 * want the path of one program, so a script stands for the loader, the library path and the
 * program.
 */
public final class QcowOracle implements LauncherSessionListener {
  private static final String PROPERTY = "monoceros.oracle.qemu-img";
  private static final String REQUIRED = "monoceros.oracles.required";

  private Path script;

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    System.setProperty(REQUIRED, "true");
    if (System.getProperty(PROPERTY) == null && Oracles.missing(Guests.cache()).isEmpty()) {
      script = write(Guests.cache().oracles().qemuImg());
      System.setProperty(PROPERTY, script.toString());
    }
  }

  private static Path write(Tool tool) {
    String environment =
        tool.environment().entrySet().stream()
            .map(e -> "export " + e.getKey() + "=" + quote(e.getValue()) + "\n")
            .collect(Collectors.joining());
    String command =
        tool.command().stream().map(QcowOracle::quote).collect(Collectors.joining(" "));
    try {
      Path file = Files.createTempFile("qemu-img", ".sh");
      Files.writeString(
          file, "#!/bin/sh\nexport LC_ALL=C\n" + environment + "exec " + command + " \"$@\"\n");
      if (!file.toFile().setExecutable(true)) {
        throw new IOException(file + " cannot be made executable");
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    if (script != null) {
      try {
        Files.deleteIfExists(script);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
