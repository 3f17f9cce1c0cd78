package dev.monoceros.machine.block;

import dev.monoceros.virtio.memory.GuestBuffers;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalLong;

/** A disk image behind a block device. */
public final class ImageDisk implements Disk {
  private final FileChannel channel;
  private final boolean readOnly;
  private final long bytes;
  private IOException failure;

  private ImageDisk(FileChannel channel, boolean readOnly) throws IOException {
    this.channel = channel;
    this.readOnly = readOnly;
    this.bytes = channel.size();
  }

  /**
   * How to open an image.
   *
   * @param format QCOW2, QCOW or RAW, or empty to find out
   * @param readOnly whether writes are refused
   * @param snapshot whether writes are kept in memory
   * @param l2CacheBytes memory for L2 tables
   */
  public record Options(
      Optional<String> format, boolean readOnly, boolean snapshot, OptionalLong l2CacheBytes) {}

  /**
   * Opens an image.
   *
   * @throws IOException with one sentence for the user
   */
  public static ImageDisk open(Path file, Options options) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file + " does not exist");
    }
    FileChannel channel =
        options.readOnly()
            ? FileChannel.open(file, StandardOpenOption.READ)
            : FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new ImageDisk(channel, options.readOnly());
  }

  @Override
  public long capacitySectors() {
    return bytes / SECTOR_SIZE;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public void read(long offset, GuestBuffers target) throws IOException {
    long at = offset;
    for (int i = 0; i < target.count(); i++) {
      var buffer = target.slice(i).asByteBuffer();
      while (buffer.hasRemaining()) {
        at += channel.read(buffer, at);
      }
    }
  }

  @Override
  public void write(long offset, GuestBuffers source) throws IOException {
    long at = offset;
    for (int i = 0; i < source.count(); i++) {
      var buffer = source.slice(i).asByteBuffer();
      while (buffer.hasRemaining()) {
        at += channel.write(buffer, at);
      }
    }
  }

  @Override
  public void flush() throws IOException {
    channel.force(false);
  }

  @Override
  public CacheCounts cacheCounts() {
    return CacheCounts.NONE;
  }

  @Override
  public Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
