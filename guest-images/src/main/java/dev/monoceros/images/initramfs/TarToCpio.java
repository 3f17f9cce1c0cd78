package dev.monoceros.images.initramfs;

import dev.monoceros.images.ImagesException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/**
 * A whole system as an initramfs: a tar archive written again in the "newc" format, entry by entry,
 * with its owners, modes and times. A hard link becomes a copy.
 */
public final class TarToCpio {
  private static final int PERMISSIONS = 07777;

  private final TarFile tar;
  private final CpioArchiveOutputStream cpio;

  /** Files by their path, for the hard links that come after them. */
  private final Map<String, TarArchiveEntry> files = new HashMap<>();

  private long inode = 1;

  private TarToCpio(TarFile tar, OutputStream out) {
    this.tar = tar;
    this.cpio =
        new CpioArchiveOutputStream(
            out, CpioConstants.FORMAT_NEW, CpioConstants.BLOCK_SIZE, StandardCharsets.UTF_8.name());
  }

  /**
   * Writes the archive.
   *
   * @throws ImagesException IO when a file cannot be read or written, or the tar archive holds what
   *     newc cannot
   */
  public static void write(Path from, Path to) {
    try (TarFile tar = new TarFile(from);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(to))) {
      TarToCpio writer = new TarToCpio(tar, out);
      for (TarArchiveEntry entry : tar.getEntries()) {
        writer.write(entry);
      }
      writer.cpio.finish();
    } catch (IOException | IllegalArgumentException e) {
      throw new ImagesException(
          ImagesException.Kind.IO,
          "The initramfs " + to + " cannot be made of " + from + ": " + e.getMessage() + ".",
          e);
    }
  }

  private void write(TarArchiveEntry entry) throws IOException {
    String path = clean(entry.getName());
    if (path.isEmpty()) {
      return;
    }
    if (entry.isDirectory()) {
      put(path, entry, CpioConstants.C_ISDIR, 0);
    } else if (entry.isSymbolicLink()) {
      byte[] target = entry.getLinkName().getBytes(StandardCharsets.UTF_8);
      put(path, entry, CpioConstants.C_ISLNK, target.length);
      cpio.write(target);
    } else if (entry.isCharacterDevice()) {
      put(path, entry, CpioConstants.C_ISCHR, 0);
    } else if (entry.isBlockDevice()) {
      put(path, entry, CpioConstants.C_ISBLK, 0);
    } else if (entry.isFIFO()) {
      put(path, entry, CpioConstants.C_ISFIFO, 0);
    } else {
      writeFile(path, entry);
    }
    cpio.closeArchiveEntry();
  }

  private void writeFile(String path, TarArchiveEntry entry) throws IOException {
    TarArchiveEntry data = entry.isLink() ? files.get(clean(entry.getLinkName())) : entry;
    if (data == null) {
      throw new IOException(path + " is a link to " + entry.getLinkName() + ", which is not there");
    }
    files.put(path, data);
    put(path, entry, CpioConstants.C_ISREG, data.getSize());
    try (InputStream content = tar.getInputStream(data)) {
      content.transferTo(cpio);
    }
  }

  private void put(String path, TarArchiveEntry entry, int type, long size) throws IOException {
    CpioArchiveEntry made = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, path);
    made.setInode(inode++);
    made.setUID(entry.getLongUserId());
    made.setGID(entry.getLongGroupId());
    made.setMode(type | (entry.getMode() & PERMISSIONS));
    made.setTime(entry.getLastModifiedTime().toInstant().getEpochSecond());
    made.setNumberOfLinks(entry.isDirectory() ? 2 : 1);
    made.setRemoteDeviceMaj(entry.getDevMajor());
    made.setRemoteDeviceMin(entry.getDevMinor());
    made.setSize(size);
    cpio.putArchiveEntry(made);
  }

  private static String clean(String name) {
    return name.replaceFirst("^(\\./|/)+", "").replaceFirst("/+$", "").replaceFirst("^\\.$", "");
  }
}
