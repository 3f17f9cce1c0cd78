package dev.monoceros.cli.img;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.Oracles;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.opentest4j.TestAbortedException;

/** The oracle: qemu-img and qemu-io 7.2 of the package cache. */
final class RealTools {
  private final Tool img;
  private final Tool io;

  private RealTools(Oracles oracles) {
    this.img = oracles.qemuImg();
    this.io = oracles.qemuIo();
  }

  /** Aborts the calling test, saying why, where they cannot be had. */
  static RealTools open() {
    PackageCache cache = PackageCache.open(CacheOptions.defaults());
    try {
      return new RealTools(cache.oracles());
    } catch (ImagesException e) {
      String message = "ORACLES MISSING: qemu-img: " + e.getMessage();
      System.err.println(message);
      throw new TestAbortedException(message, e);
    }
  }

  Outcome img(List<String> words) throws IOException, InterruptedException {
    return run(img, words);
  }

  Outcome io(List<String> words) throws IOException, InterruptedException {
    return run(io, words);
  }

  /** qemu-img as a process that is yet to start. */
  ProcessBuilder imgProcess(List<String> words) {
    return img.process(words.toArray(String[]::new));
  }

  private static Outcome run(Tool tool, List<String> words)
      throws IOException, InterruptedException {
    Process process = tool.process(words.toArray(String[]::new)).start();
    process.getOutputStream().close();
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
              } catch (IOException e) {
                return e.toString();
              }
            });
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return Outcome.of(process.waitFor(), out, err.get());
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }
}
