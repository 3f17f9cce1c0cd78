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
  private static final String READY = "holding";

  private final Process process;

  private LockHolder(Process process) {
    this.process = process;
  }

  /** Starts the other JVM and waits until it has the image. */
  public static LockHolder start(Path image, boolean readOnly) throws IOException {
    String classPath =
        locationOf(DiskImage.class) + File.pathSeparator + locationOf(LockHolder.class);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                LockHolder.class.getName(),
                image.toString(),
                String.valueOf(readOnly))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    if (!READY.equals(output.readLine())) {
      process.destroy();
      throw new IOException("the other JVM did not get the image");
    }
    return new LockHolder(process);
  }

  /** Directories of classes, of which a patched module has several, or jars. */
  private static String locationOf(Class<?> type) {
    String name = "/" + type.getName().replace('.', '/') + ".class";
    String url = type.getResource(name).toString();
    if (url.startsWith("jar:")) {
      return Path.of(URI.create(url.substring("jar:".length(), url.indexOf("!/")))).toString();
    }
    return Path.of(URI.create(url.substring(0, url.length() - name.length()))).toString();
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
      System.out.println(image.size() > 0 ? READY : "empty");
      while (System.in.read() >= 0) {
        Thread.onSpinWait();
      }
    }
  }
}
