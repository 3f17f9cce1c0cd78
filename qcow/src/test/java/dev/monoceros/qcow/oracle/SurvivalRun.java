package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** The hostile images in a JVM of little memory; arguments are the directory to work in. */
public final class SurvivalRun {
  private SurvivalRun() {}

  /** Prints how many images there were and the slowest one. */
  public static void main(String[] arguments) throws IOException {
    long slowest = 0;
    String name = "";
    Map<String, byte[]> images = HostileImages.make(Path.of(arguments[0]));
    for (Map.Entry<String, byte[]> image : images.entrySet()) {
      long start = System.nanoTime();
      try {
        Survival.of(image.getValue());
      } catch (RuntimeException | Error e) {
        throw new IllegalStateException(image.getKey(), e);
      }
      long took = (System.nanoTime() - start) / 1_000_000;
      if (took > slowest) {
        slowest = took;
        name = image.getKey();
      }
    }
    System.out.println("survived " + images.size() + "; slowest " + slowest + " ms: " + name);
  }
}
