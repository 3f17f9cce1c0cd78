package dev.monoceros.cli.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * A file that a run depends on, as it was before the run.
 *
 * @param role kernel, initrd, disk or libunicorn
 * @param file where it is, or what it is if it was made for the run
 * @param bytes its size
 * @param sha256 of its bytes, hexadecimal
 */
public record InputFile(String role, String file, long bytes, String sha256) {
  private static final int CHUNK = 1 << 18;

  /** Hashes a file. */
  public static InputFile of(String role, Path file) throws IOException {
    return of(role, file, file.toString());
  }

  /** Hashes a file that goes by another name in the report, because its own differs every time. */
  static InputFile of(String role, Path file, String name) throws IOException {
    MessageDigest digest = Digests.sha256();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    long bytes = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (int length; (length = channel.read(buffer)) >= 0; ) {
        digest.update(buffer.array(), 0, length);
        bytes += length;
        buffer.clear();
      }
    }
    return new InputFile(role, name, bytes, HexFormat.of().formatHex(digest.digest()));
  }
}
