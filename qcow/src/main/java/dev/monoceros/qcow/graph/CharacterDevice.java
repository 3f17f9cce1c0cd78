package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.ImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;

/**
 * A device of the host that has no length, such as {@code /dev/null}: to QEMU a disk of no bytes,
 * so that there is never anything to transfer.
 */
final class CharacterDevice implements ImageFile {
  private static final int TYPE_MASK = 0xF000;
  private static final int CHARACTER = 0x2000;

  private final String name;
  private final FileChannel channel;

  private CharacterDevice(String name, FileChannel channel) {
    this.name = name;
    this.channel = channel;
  }

  /** True if the host has one of that name. */
  static boolean is(Path path) {
    try {
      return path.getFileSystem().supportedFileAttributeViews().contains("unix")
          && ((Integer) Files.getAttribute(path, "unix:mode") & TYPE_MASK) == CHARACTER;
    } catch (IOException e) {
      return false;
    }
  }

  static CharacterDevice open(String name, boolean readOnly) throws IOException {
    EnumSet<StandardOpenOption> options = EnumSet.of(StandardOpenOption.READ);
    if (!readOnly) {
      options.add(StandardOpenOption.WRITE);
    }
    return new CharacterDevice(name, FileChannel.open(FileName.path(name), options));
  }

  @Override
  public Path path() {
    return FileName.path(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return 0;
  }

  @Override
  public int read(ByteBuffer target, long position) {
    return target.hasRemaining() ? -1 : 0;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    if (source.hasRemaining()) {
      throw new IOException("Input/output error");
    }
  }

  @Override
  public void extend(long size) throws IOException {
    requireResizable();
  }

  @Override
  public long allocatedBytes() {
    return 0;
  }

  @Override
  public void requireResizable() throws ImageFault {
    throw ImageFault.unsupported(ImageFault.NO_OFFSET, "Cannot resize device files");
  }

  @Override
  public void truncate(long size) {}

  @Override
  public void force() {}

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
