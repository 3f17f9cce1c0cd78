package dev.monoceros.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.store.CacheLock;
import dev.monoceros.images.store.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A process of its own that holds a cache's lock until told to let go. */
final class LockHolder {
  private LockHolder() {}

  public static void main(String[] arguments) throws IOException {
    try (CacheLock lock = CacheLock.acquire(new Layout(Path.of(arguments[0])), Progress.NONE)) {
      System.out.write('+');
      System.out.flush();
      System.in.read();
    }
  }

  /** Starts the process and returns once it has the lock. */
  static Process start(Path cache) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath =
        String.join(
            ":",
            location(LockHolder.class),
            location(CacheLock.class),
            location(org.apache.commons.io.IOUtils.class));
    Process process =
        new ProcessBuilder(java, "-cp", classPath, LockHolder.class.getName(), cache.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(process.getInputStream().read()).isEqualTo('+');
    return process;
  }

  static void release(Process process) {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String location(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
  }
}
