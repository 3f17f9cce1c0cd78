package dev.monoceros.tests.support;

import dev.monoceros.images.Oracles;
import dev.monoceros.images.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Gives qcow's own tests, which run again in this module, the tools of the package cache: they want
 * the path of one program each, so a script stands for the loader, the library path and the
 * program.
 */
public final class QcowOracle implements LauncherSessionListener {
  private static final String PROPERTY = "monoceros.oracle.";
  private static final String IMG = "qemu-img";
  private static final String IO = "qemu-io";
  private static final String NBD = "qemu-nbd";
  private static final String REQUIRED = "monoceros.oracles.required";

  private final List<Path> scripts = new ArrayList<>();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    System.setProperty(REQUIRED, "true");
    if (Oracles.missing(Guests.cache()).isEmpty()) {
      provide(IMG, Guests.cache().oracles().qemuImg());
      provide(IO, Guests.cache().oracles().qemuIo());
      provide(NBD, Guests.cache().oracles().qemuNbd());
    }
  }

  private void provide(String name, Tool tool) {
    if (System.getProperty(PROPERTY + name) == null) {
      Path script = write(name, tool);
      scripts.add(script);
      System.setProperty(PROPERTY + name, script.toString());
    }
  }

  private static Path write(String name, Tool tool) {
    String environment =
        tool.environment().entrySet().stream()
            .map(e -> "export " + e.getKey() + "=" + quote(e.getValue()) + "\n")
            .collect(Collectors.joining());
    String command =
        tool.command().stream().map(QcowOracle::quote).collect(Collectors.joining(" "));
    try {
      Path file = Files.createTempFile(name, ".sh");
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
    for (Path script : scripts) {
      try {
        Files.deleteIfExists(script);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
