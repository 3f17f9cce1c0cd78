package dev.monoceros.qcow.oracle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The bits of a bitmap as QEMU reads them: qemu-nbd exports the bitmap, and qemu-img map shows what
 * is dirty as "no data".
 */
public final class QemuBitmap {
  static final String NAME = "qemu-nbd";

  private static final OracleTool TOOL = OracleTool.find(NAME);
  private static final Pattern EXTENT =
      Pattern.compile("\"start\": (\\d+), \"length\": (\\d+).*\"data\": (true|false)");

  private QemuBitmap() {}

  /** Aborts the calling test, saying why, where there is no qemu-nbd. */
  public static void require() {
    TOOL.require();
  }

  /** Which sectors of the disk the bitmap calls dirty. */
  public static boolean[] dirtySectors(Path image, String name, long size) {
    require();
    try {
      // A socket's path may have 107 characters only.
      Path directory = Files.createTempDirectory("nbd");
      Path socket = directory.resolve("s");
      Process server =
          new ProcessBuilder(
                  TOOL.path(),
                  "-r",
                  "-f",
                  "qcow2",
                  "-B",
                  name,
                  "-k",
                  socket.toString(),
                  image.toString())
              .inheritIO()
              .start();
      try {
        for (int i = 0; i < 600 && !Files.exists(socket) && server.isAlive(); i++) {
          Thread.sleep(50);
        }
        return parse(map(socket, name), size);
      } finally {
        server.destroy();
        server.waitFor();
        Files.deleteIfExists(socket);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String map(Path socket, String name) {
    return QemuImg.succeed(
        "map",
        "--output=json",
        "--image-opts",
        "driver=nbd,server.type=unix,server.path="
            + socket
            + ",x-dirty-bitmap=qemu:dirty-bitmap:"
            + name);
  }

  private static boolean[] parse(String json, long size) {
    boolean[] dirty = new boolean[(int) (size / 512)];
    Matcher matcher = EXTENT.matcher(json);
    while (matcher.find()) {
      int from = (int) (Long.parseLong(matcher.group(1)) / 512);
      int to = from + (int) (Long.parseLong(matcher.group(2)) / 512);
      for (int i = from; i < to; i++) {
        dirty[i] = matcher.group(3).equals("false");
      }
    }
    return dirty;
  }
}
