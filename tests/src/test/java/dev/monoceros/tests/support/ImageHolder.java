package dev.monoceros.tests.support;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.nio.file.Path;

/** A process of its own that holds an image open until its standard input ends. */
public final class ImageHolder implements AutoCloseable {
  private final Process process;

  private ImageHolder(Process process) {
    this.process = process;
  }

  /** The child's part: opens the image for writing and says so. */
  public static void main(String[] arguments) throws IOException {
    try (DiskImage image = DiskImage.open(Path.of(arguments[0]), OpenOptions.defaults())) {
      System.out.println(image.size());
      while (System.in.read() >= 0) {
        // wait for the end
      }
    }
  }

  /** Starts the process and returns once it has the image. */
  public static ImageHolder hold(Path image) throws IOException {
    Process process =
        new ProcessBuilder(ChildJvm.command(ImageHolder.class, image.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (process.getInputStream().read() < 0) {
      throw new IOException("the holder of " + image + " did not start");
    }
    return new ImageHolder(process);
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    Images.status(process);
  }
}
