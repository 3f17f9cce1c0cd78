package dev.monoceros.qcow.oracle;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another JVM that holds an image open until its standard input ends. */
public final class LockHolder implements AutoCloseable {
  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
  private static final String READY = "holding";
  private static final String READY_WITH_HOLES = "holding, with holes";

  private final Process process;
  private final boolean knowsHoles;

  private LockHolder(Process process, boolean knowsHoles) {
    this.process = process;
    this.knowsHoles = knowsHoles;
  }

  /** Starts the other JVM and waits until it has the image. */
  public static LockHolder start(Path image, boolean readOnly) throws IOException {
    return start(image, readOnly, ProcessBuilder.Redirect.INHERIT, NATIVE_ACCESS);
  }

  /**
   * The same without native calls.
   *
   * @param errors receives what the other JVM prints to its standard error
   */
  public static LockHolder startWithoutNativeAccess(Path image, boolean readOnly, Path errors)
      throws IOException {
    return start(image, readOnly, ProcessBuilder.Redirect.to(errors.toFile()), "-Xshare:auto");
  }

  private static LockHolder start(
      Path image, boolean readOnly, ProcessBuilder.Redirect errors, String flag)
      throws IOException {
    String classPath =
        locationOf(DiskImage.class) + File.pathSeparator + locationOf(LockHolder.class);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                flag,
                "-cp",
                classPath,
                LockHolder.class.getName(),
                image.toString(),
                String.valueOf(readOnly))
            .redirectError(errors)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = String.valueOf(output.readLine());
    if (!line.startsWith(READY)) {
      process.destroy();
      throw new IOException("the other JVM did not get the image");
    }
    return new LockHolder(process, line.equals(READY_WITH_HOLES));
  }

  /** Directories of classes, of which a patched module has several, or jars. */
  static String locationOf(Class<?> type) {
    String name = "/" + type.getName().replace('.', '/') + ".class";
    String url = type.getResource(name).toString();
    if (url.startsWith("jar:")) {
      return Path.of(URI.create(url.substring("jar:".length(), url.indexOf("!/")))).toString();
    }
    return Path.of(URI.create(url.substring(0, url.length() - name.length()))).toString();
  }

  /** What the other JVM's image says of its host. */
  public boolean knowsHoles() {
    return knowsHoles;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /** The other JVM: arguments are the image and whether it is only read. */
  public static void main(String[] arguments) throws IOException {
    OpenOptions options = OpenOptions.defaults().withReadOnly(Boolean.parseBoolean(arguments[1]));
    try (DiskImage image = DiskImage.open(Path.of(arguments[0]), options)) {
      System.out.println(image.stats().host().knowsHoles() ? READY_WITH_HOLES : READY);
      while (System.in.read() >= 0) {
        Thread.onSpinWait();
      }
    }
  }
}
