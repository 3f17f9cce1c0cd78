package dev.monoceros.images.initramfs;

import dev.monoceros.images.tree.FileTree;
import dev.monoceros.images.tree.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.apache.commons.compress.archivers.cpio.CpioConstants;

/**
 * Writes a tree in the "newc" cpio format that Linux unpacks at boot
 * (Documentation/driver-api/early-userspace/buffer-format). Inode numbers count from 1 in path
 * order and every time is the same, so a tree has one encoding.
 */
public final class CpioWriter {
  /** newc writes sizes and times as eight hex digits. */
  private static final long FIELD_LIMIT = 0xFFFF_FFFFL;

  private final long epochSeconds;

  /**
   * A writer.
   *
   * @param epochSeconds modification time of every entry, 0 to 2^32-1
   */
  public CpioWriter(long epochSeconds) {
    if (epochSeconds < 0 || epochSeconds > FIELD_LIMIT) {
      throw new IllegalArgumentException("time does not fit into a newc header: " + epochSeconds);
    }
    this.epochSeconds = epochSeconds;
  }

  /** Writes the archive with its trailer, padded to 512 bytes; leaves the stream open. */
  public void write(FileTree tree, OutputStream out) throws IOException {
    CpioArchiveOutputStream cpio =
        new CpioArchiveOutputStream(
            out, CpioConstants.FORMAT_NEW, CpioConstants.BLOCK_SIZE, StandardCharsets.UTF_8.name());
    long inode = 1;
    for (Map.Entry<String, Node> entry : tree.nodes().entrySet()) {
      writeNode(cpio, entry.getKey(), entry.getValue(), inode++);
    }
    cpio.finish();
    out.flush();
  }

  private void writeNode(CpioArchiveOutputStream cpio, String path, Node node, long inode)
      throws IOException {
    CpioArchiveEntry entry = new CpioArchiveEntry(CpioConstants.FORMAT_NEW, path);
    entry.setInode(inode);
    entry.setUID(node.uid());
    entry.setGID(node.gid());
    entry.setTime(epochSeconds);
    entry.setNumberOfLinks(node instanceof Node.Directory ? 2 : 1);
    switch (node) {
      case Node.Directory directory ->
          putWhole(cpio, entry, CpioConstants.C_ISDIR | directory.mode(), new byte[0]);
      case Node.Symlink link ->
          putWhole(
              cpio,
              entry,
              CpioConstants.C_ISLNK | link.mode(),
              link.target().getBytes(StandardCharsets.UTF_8));
      case Node.Device device -> {
        entry.setRemoteDeviceMaj(device.major());
        entry.setRemoteDeviceMin(device.minor());
        int type =
            device.type() == Node.Device.Type.BLOCK ? CpioConstants.C_ISBLK : CpioConstants.C_ISCHR;
        putWhole(cpio, entry, type | device.mode(), new byte[0]);
      }
      case Node.RegularFile file -> putFile(cpio, entry, file);
    }
  }

  private static void putWhole(
      CpioArchiveOutputStream cpio, CpioArchiveEntry entry, int mode, byte[] data)
      throws IOException {
    entry.setMode(mode);
    entry.setSize(data.length);
    cpio.putArchiveEntry(entry);
    cpio.write(data);
    cpio.closeArchiveEntry();
  }

  private static void putFile(
      CpioArchiveOutputStream cpio, CpioArchiveEntry entry, Node.RegularFile file)
      throws IOException {
    long size = file.content().size();
    if (size > FIELD_LIMIT) {
      throw new IOException(entry.getName() + " is larger than an initramfs can hold");
    }
    entry.setMode(CpioConstants.C_ISREG | file.mode());
    entry.setSize(size);
    cpio.putArchiveEntry(entry);
    try (InputStream content = file.content().open()) {
      content.transferTo(cpio);
    }
    cpio.closeArchiveEntry();
  }
}
