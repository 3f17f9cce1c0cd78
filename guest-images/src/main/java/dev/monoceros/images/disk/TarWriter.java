package dev.monoceros.images.disk;

import dev.monoceros.images.tree.FileTree;
import dev.monoceros.images.tree.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes a tree as a tar archive, the form in which mke2fs takes owners and device nodes without
 * root.
 */
public final class TarWriter {
  private final FileTime time;

  /** A writer that gives every entry the same times. */
  public TarWriter(long epochSeconds) {
    this.time = FileTime.from(epochSeconds, TimeUnit.SECONDS);
  }

  /** Writes the archive; leaves the stream open. */
  public void write(FileTree tree, OutputStream out) throws IOException {
    TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
    // A pax header for each entry: only there does a tar archive have times of access and status
    // change.
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    // Without an entry of its own the root directory would keep the time and mode that mke2fs gives
    // it.
    put(tar, "./", TarConstants.LF_DIR, new Node.Directory(0755, 0, 0), 0);
    tar.closeArchiveEntry();
    for (Map.Entry<String, Node> entry : tree.nodes().entrySet()) {
      writeNode(tar, "./" + entry.getKey(), entry.getValue());
    }
    tar.finish();
    out.flush();
  }

  private void writeNode(TarArchiveOutputStream tar, String path, Node node) throws IOException {
    switch (node) {
      case Node.Directory directory -> put(tar, path + "/", TarConstants.LF_DIR, directory, 0);
      case Node.Symlink link -> put(tar, path, TarConstants.LF_SYMLINK, link, 0);
      case Node.Device device ->
          put(
              tar,
              path,
              device.type() == Node.Device.Type.BLOCK ? TarConstants.LF_BLK : TarConstants.LF_CHR,
              device,
              0);
      case Node.RegularFile file -> {
        put(tar, path, TarConstants.LF_NORMAL, file, file.content().size());
        try (InputStream content = file.content().open()) {
          content.transferTo(tar);
        }
      }
    }
    tar.closeArchiveEntry();
  }

  private void put(TarArchiveOutputStream tar, String path, byte type, Node node, long size)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path, type);
    entry.setMode(node.mode());
    entry.setUserId(node.uid());
    entry.setGroupId(node.gid());
    entry.setUserName("");
    entry.setGroupName("");
    entry.setLastModifiedTime(time);
    entry.setLastAccessTime(time);
    entry.setStatusChangeTime(time);
    entry.setSize(size);
    switch (node) {
      case Node.Symlink link -> entry.setLinkName(link.target());
      case Node.Device device -> {
        entry.setDevMajor(device.major());
        entry.setDevMinor(device.minor());
      }
      case Node.Directory directory -> {}
      case Node.RegularFile file -> {}
    }
    tar.putArchiveEntry(entry);
  }
}
