package dev.monoceros.cli.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A raw image: the file's bytes are the disk's. */
final class FileReader implements OpenDisk {
  private final FileChannel channel;
  private final long size;

  private FileReader(FileChannel channel, long size) {
    this.channel = channel;
    this.size = size;
  }

  static FileReader open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new FileReader(channel, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    long at = offset;
    while (target.hasRemaining()) {
      int length = at < 0 ? -1 : channel.read(target, at);
      if (length < 0) {
        throw new DiskFormatException(
            "something at byte " + offset + " lies outside the disk's " + size + " bytes");
      }
      at += length;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
