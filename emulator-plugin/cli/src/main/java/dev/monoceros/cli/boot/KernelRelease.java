package dev.monoceros.cli.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** What {@code uname -r} will print: the name under which a kernel's modules are kept. */
final class KernelRelease {
  /** The header's pointer to the version line is 16 bits wide and counts from here (boot.rst). */
  private static final int VERSION_BASE = 0x200;

  private static final int HEADER_MAGIC = 0x202;
  private static final String HEADER_MAGIC_VALUE = "HdrS";
  private static final int KERNEL_VERSION = 0x20e;
  private static final int HEAD = VERSION_BASE + 0x10000 + 256;

  private static final String ELF_MAGIC = "\u007fELF";
  private static final String BANNER = "Linux version ";
  private static final int CHUNK = 1 << 20;

  private KernelRelease() {}

  /**
   * Reads a kernel's release from its file.
   *
   * @return empty if it is no kernel, or does not say
   */
  static Optional<String> of(Path kernel) throws IOException {
    try (FileChannel channel = FileChannel.open(kernel, StandardOpenOption.READ)) {
      ByteBuffer head = read(channel, 0, HEAD);
      if (text(head, HEADER_MAGIC, HEADER_MAGIC_VALUE.length()).equals(HEADER_MAGIC_VALUE)) {
        int pointer = head.getShort(KERNEL_VERSION) & 0xffff;
        return pointer == 0 ? Optional.empty() : firstWord(head, pointer + VERSION_BASE);
      }
      return text(head, 0, ELF_MAGIC.length()).equals(ELF_MAGIC)
          ? fromBanner(channel)
          : Optional.empty();
    }
  }

  /** An uncompressed kernel holds the first line that it prints. */
  private static Optional<String> fromBanner(FileChannel channel) throws IOException {
    int overlap = 512;
    for (long at = 0; at < channel.size(); at += CHUNK) {
      ByteBuffer chunk = read(channel, at, CHUNK + overlap);
      String latin1 = text(chunk, 0, chunk.limit());
      for (int hit = latin1.indexOf(BANNER);
          hit >= 0 && hit < CHUNK;
          hit = latin1.indexOf(BANNER, hit + 1)) {
        Optional<String> release = firstWord(chunk, hit + BANNER.length());
        if (release.filter(word -> Character.isDigit(word.charAt(0))).isPresent()) {
          return release;
        }
      }
    }
    return Optional.empty();
  }

  private static ByteBuffer read(FileChannel channel, long at, int most) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(most).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {
      // until full or the end
    }
    return buffer.flip();
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    int there = Math.clamp((long) bytes.limit() - at, 0, length);
    return new String(
        bytes.array(), Math.min(at, bytes.limit()), there, StandardCharsets.ISO_8859_1);
  }

  private static Optional<String> firstWord(ByteBuffer bytes, int at) {
    String word = text(bytes, at, 256).split("[ \\x00\\n]", 2)[0];
    return word.matches("[0-9A-Za-z._+~-]+") ? Optional.of(word) : Optional.empty();
  }
}
