package dev.monoceros.tests.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts another JVM like this one, on this test's class path. */
public final class ChildJvm {
  private ChildJvm() {}

  /** The command line that runs a main class. */
  public static List<String> command(Class<?> main, String... arguments) {
    return command(main.getName(), arguments);
  }

  /** The same by the name of the class. */
  public static List<String> command(String main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Xmx256m");
    command.add("-cp");
    command.add(classPath());
    command.add(main);
    command.addAll(List.of(arguments));
    return command;
  }

  /** Surefire keeps the real one apart from that of its own starter. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
