package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The hostile images in a JVM of little memory; arguments are the directory to work in and whether
 * to try all.
 */
public final class SurvivalRun {
  private SurvivalRun() {}

  /** Prints what went wrong, or how many images there were and the slowest one. */
  public static void main(String[] arguments) throws IOException {
    long slowest = 0;
    String name = "";
    int failures = 0;
    Map<String, Supplier<byte[]>> images =
        HostileImages.make(Path.of(arguments[0]), Boolean.parseBoolean(arguments[1]));
    for (Map.Entry<String, Supplier<byte[]>> image : images.entrySet()) {
      long start = System.nanoTime();
      try {
        Survival.of(image.getValue().get());
      } catch (RuntimeException | Error e) {
        failures++;
        System.out.println(image.getKey());
        e.printStackTrace(System.out);
      }
      long took = (System.nanoTime() - start) / 1_000_000;
      if (took > slowest) {
        slowest = took;
        name = image.getKey();
      }
    }
    if (failures > 0) {
      System.exit(1);
    }
    System.out.println("survived " + images.size() + "; slowest " + slowest + " ms: " + name);
  }
}
