package dev.monoceros.images.root;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes what was found in a directory as a tar archive. Every time is the same, so only contents,
 * names, modes and owners shape it.
 */
final class RootTar {
  private static final int BUFFER = 1 << 17;

  private final TarArchiveOutputStream tar;
  private final FileTime time;
  private final boolean skipUnreadable;
  private final List<String> notes;
  private final LongConsumer progress;
  private final byte[] buffer = new byte[BUFFER];
  private long written;

  /**
   * A writer.
   *
   * @param notes takes what had to be left out
   * @param progress told how many bytes of files were written so far
   */
  RootTar(
      OutputStream out,
      long epochSeconds,
      boolean skipUnreadable,
      List<String> notes,
      LongConsumer progress) {
    // One character is one byte of a name.
    tar = new TarArchiveOutputStream(out, StandardCharsets.ISO_8859_1.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    this.time = FileTime.from(epochSeconds, TimeUnit.SECONDS);
    this.skipUnreadable = skipUnreadable;
    this.notes = notes;
    this.progress = progress;
  }

  /** Writes it all and the archive's end; the stream stays open. */
  void write(DirectoryScan.Found found) throws IOException {
    put(found.top(), "./", TarConstants.LF_DIR);
    tar.closeArchiveEntry();
    for (Item item : found.items()) {
      write(item);
    }
    tar.finish();
    tar.flush();
  }

  private void write(Item item) throws IOException {
    String path = "./" + item.path();
    switch (item.kind()) {
      case DIRECTORY -> put(item, path + "/", TarConstants.LF_DIR);
      case SYMLINK -> put(item, path, TarConstants.LF_SYMLINK);
      case HARD_LINK -> put(item, path, TarConstants.LF_LINK);
      case FIFO -> put(item, path, TarConstants.LF_FIFO);
      case CHARACTER_DEVICE -> put(item, path, TarConstants.LF_CHR);
      case BLOCK_DEVICE -> put(item, path, TarConstants.LF_BLK);
      case FILE -> {
        writeFile(item, path);
        return;
      }
    }
    tar.closeArchiveEntry();
  }

  private void writeFile(Item item, String path) throws IOException {
    try (InputStream in = Files.newInputStream(item.source(), LinkOption.NOFOLLOW_LINKS)) {
      put(item, path, TarConstants.LF_NORMAL);
      long left = item.size();
      while (left > 0) {
        int length = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (length < 0) {
          throw new ChangedException(item);
        }
        tar.write(buffer, 0, length);
        left -= length;
        written += length;
        progress.accept(written);
      }
      tar.closeArchiveEntry();
    } catch (AccessDeniedException e) {
      if (!skipUnreadable) {
        throw ImagesException.io("read", item.source(), e);
      }
      notes.add(item.path() + " may not be read and is missing in the guest");
    } catch (FileSystemException e) {
      // It is gone, or a link now.
      throw new ChangedException(item, e);
    }
  }

  private void put(Item item, String path, byte type) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path, type);
    entry.setMode(item.mode());
    entry.setUserId(item.uid());
    entry.setGroupId(item.gid());
    entry.setUserName("");
    entry.setGroupName("");
    entry.setLastModifiedTime(time);
    entry.setLastAccessTime(time);
    entry.setStatusChangeTime(time);
    entry.setSize(type == TarConstants.LF_NORMAL ? item.size() : 0);
    if (type == TarConstants.LF_SYMLINK) {
      entry.setLinkName(item.target());
    } else if (type == TarConstants.LF_LINK) {
      entry.setLinkName("./" + item.target());
    } else if (type == TarConstants.LF_CHR || type == TarConstants.LF_BLK) {
      // gnu_dev_major and gnu_dev_minor of the C library.
      entry.setDevMajor((int) (item.device() >>> 8 & 0xfff));
      entry.setDevMinor((int) (item.device() & 0xff | item.device() >>> 12 & 0xfff00));
    }
    tar.putArchiveEntry(entry);
  }

  /** The directory is no longer what was found. */
  static final class ChangedException extends IOException {
    private static final long serialVersionUID = 1L;

    ChangedException(Item item) {
      this(item, null);
    }

    ChangedException(Item item, IOException cause) {
      super(item.path() + " changed while it was read", cause);
    }
  }
}
