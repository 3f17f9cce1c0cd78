package dev.monoceros.images.agent;

import dev.monoceros.images.ImagesException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * Walks over the headers of an archive that a guest wrote before anything believes it: only the
 * types that busybox writes, sizes within the file, names of a length that a path can have. (A tar
 * reader would take extended headers of any size into memory, and expand sparse files.)
 */
final class ArchiveScreen {
  private static final int BLOCK = 512;
  private static final int SIZE_OFFSET = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int TYPE_OFFSET = 156;
  private static final int LONGEST_NAME = 8192;
  private static final int MOST_ENTRIES = 500_000;

  private ArchiveScreen() {}

  /**
   * Checks it all.
   *
   * @throws ImagesException BAD_INPUT saying what is wrong with it
   */
  static void check(Path archive) throws IOException {
    try (FileChannel channel = FileChannel.open(archive, StandardOpenOption.READ)) {
      long length = channel.size();
      long position = 0;
      for (int entries = 0; ; entries++) {
        if (entries > MOST_ENTRIES) {
          throw refused("it has more than " + MOST_ENTRIES + " files");
        }
        byte[] header = header(channel, position, length);
        if (isZero(header)) {
          return;
        }
        long data = dataLength(header);
        long next = length - position - BLOCK;
        if (data > next) {
          throw refused("it is cut short");
        }
        position += BLOCK + (data + BLOCK - 1) / BLOCK * BLOCK;
      }
    }
  }

  private static byte[] header(FileChannel channel, long position, long length) throws IOException {
    if (length - position < BLOCK) {
      throw refused("it is cut short");
    }
    ByteBuffer header = ByteBuffer.allocate(BLOCK);
    while (header.hasRemaining()) {
      if (channel.read(header, position + header.position()) < 0) {
        throw new EOFException();
      }
    }
    return header.array();
  }

  private static boolean isZero(byte[] header) {
    for (byte b : header) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private static long dataLength(byte[] header) {
    if (!TarUtils.verifyCheckSum(header)) {
      throw refused("a header of it is damaged");
    }
    long size;
    try {
      size = TarUtils.parseOctalOrBinary(header, SIZE_OFFSET, SIZE_LENGTH);
    } catch (IllegalArgumentException e) {
      throw refused("a header of it is damaged");
    }
    boolean sized =
        switch (header[TYPE_OFFSET]) {
          case TarConstants.LF_OLDNORM, TarConstants.LF_NORMAL -> true;
          case TarConstants.LF_GNUTYPE_LONGNAME, TarConstants.LF_GNUTYPE_LONGLINK -> {
            if (size > LONGEST_NAME) {
              throw refused("a name in it is too long");
            }
            yield true;
          }
          case TarConstants.LF_LINK,
              TarConstants.LF_SYMLINK,
              TarConstants.LF_DIR,
              TarConstants.LF_CHR,
              TarConstants.LF_BLK,
              TarConstants.LF_FIFO ->
              false;
          default -> throw refused("it has an entry of a kind that the agent does not write");
        };
    if (size < 0 || !sized && size != 0) {
      throw refused("a header of it is damaged");
    }
    return size;
  }

  static ImagesException refused(String why) {
    return new ImagesException(
        ImagesException.Kind.BAD_INPUT, "What the guest wrote cannot be taken: " + why + ".");
  }
}
