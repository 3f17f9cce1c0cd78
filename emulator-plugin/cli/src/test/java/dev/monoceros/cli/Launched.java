package dev.monoceros.cli;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code bin/monoceros} as a process, running the classes under test. */
final class Launched implements AutoCloseable {
  private static final Path LAUNCHER = Path.of("../../bin/monoceros");
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final BufferedReader out;
  private final Path err;

  private Launched(Process process, Path err) {
    this.process = process;
    this.out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1));
    this.err = err;
  }

  /** Starts it with more environment variables; its cache and its words go to a directory. */
  static Launched start(Path directory, Map<String, String> more, String... arguments)
      throws IOException {
    // A background job of a shell starts with SIGINT ignored, and no shell script can undo that.
    List<String> command =
        new ArrayList<>(
            List.of("env", "--default-signal=INT,TERM,HUP", LAUNCHER.toRealPath().toString()));
    command.addAll(List.of(arguments));
    Path err = directory.resolve("err.txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("MONOCEROS_CACHE", directory.resolve("cache").toString());
    environment.put("MONOCEROS_UNICORN", library());
    environment.put("MONOCEROS_JAVA", System.getProperty("java.home"));
    environment.put("MONOCEROS_CLASS_PATH", classPath());
    environment.putAll(more);
    return new Launched(builder.start(), err);
  }

  private static String library() {
    String named = System.getProperty("monoceros.unicorn", System.getenv("MONOCEROS_UNICORN"));
    return named != null
        ? named
        : PackageCache.open(CacheOptions.defaults()).libunicorn("2.1.4").path().toString();
  }

  private static String classPath() {
    return System.getProperty("jdk.module.path", "") + ":" + System.getProperty("java.class.path");
  }

  /** Waits for a line of the guest. */
  void awaitLine(String wanted) throws IOException {
    for (String line = out.readLine(); !wanted.equals(line); line = out.readLine()) {
      if (line == null) {
        throw new AssertionError("the guest ended without the line " + wanted + ": " + words());
      }
    }
  }

  /** Sends bytes to its standard input. */
  void type(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    process.getOutputStream().flush();
  }

  /** Sends the last bytes and the end of its standard input. */
  void typeLast(String text) throws IOException {
    type(text);
    process.getOutputStream().close();
  }

  /** Sends a signal to the launcher. */
  void signal(String name) throws IOException, InterruptedException {
    kill(name, process.pid());
  }

  /** Sends a signal to the JVM behind the launcher. */
  void signalJvm(String name) throws IOException, InterruptedException {
    long jvm =
        process
            .descendants()
            .filter(child -> child.info().command().orElse("").endsWith("/java"))
            .findFirst()
            .orElseThrow()
            .pid();
    kill(name, jvm);
  }

  private static void kill(String name, long pid) throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", "-s", name, Long.toString(pid)).start().waitFor();
    if (code != 0) {
      throw new AssertionError("kill ended with " + code);
    }
  }

  /** What is left of the guest's output, once it has ended. */
  String rest() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int c = out.read(); c >= 0; c = out.read()) {
      text.append((char) c);
    }
    return text.toString();
  }

  /** Stops reading the guest's output. */
  void hangUp() throws IOException {
    process.getInputStream().close();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the launcher does not end");
    }
    return process.exitValue();
  }

  /** What stands on standard error. */
  String words() throws IOException {
    return Files.readString(err);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
