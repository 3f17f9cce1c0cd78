package dev.monoceros.images.initramfs;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The release a kernel image names itself, by which its modules are found. */
public final class KernelRelease {
  /** Documentation/arch/x86/boot.rst: the setup header of a bzImage. */
  private static final int HEADER_MAGIC_OFFSET = 0x202;

  private static final int HEADER_MAGIC = 0x53726448;
  private static final int VERSION_POINTER_OFFSET = 0x20E;
  private static final int POINTER_BASE = 0x200;
  private static final int MAX_RELEASE = 64;

  /** The setup code, which holds the string, is at most 64 sectors. */
  private static final int SETUP_BYTES = 65 * 512;

  private KernelRelease() {}

  /** What {@code uname -r} will print; empty when the file is no bzImage or does not say. */
  public static Optional<String> of(Path bzImage) {
    ByteBuffer setup = ByteBuffer.allocate(SETUP_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(bzImage, StandardOpenOption.READ)) {
      while (setup.hasRemaining() && channel.read(setup) >= 0) {
        // A read may stop short of the whole setup code.
      }
    } catch (IOException e) {
      throw ImagesException.io("read the kernel", bzImage, e);
    }
    setup.flip();
    if (setup.limit() < VERSION_POINTER_OFFSET + 2
        || setup.getInt(HEADER_MAGIC_OFFSET) != HEADER_MAGIC) {
      return Optional.empty();
    }
    int start = POINTER_BASE + Short.toUnsignedInt(setup.getShort(VERSION_POINTER_OFFSET));
    int end = start;
    while (end < setup.limit() && end - start < MAX_RELEASE && setup.get(end) > ' ') {
      end++;
    }
    if (start == POINTER_BASE || end >= setup.limit() || end == start) {
      return Optional.empty();
    }
    String release = new String(setup.array(), start, end - start, StandardCharsets.US_ASCII);
    // It becomes part of a path.
    return release.matches("[A-Za-z0-9._+~-]+") && !release.startsWith(".")
        ? Optional.of(release)
        : Optional.empty();
  }
}
