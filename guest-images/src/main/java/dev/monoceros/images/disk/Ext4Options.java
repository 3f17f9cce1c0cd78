package dev.monoceros.images.disk;

import dev.monoceros.images.initramfs.Initramfs;
import java.util.UUID;

/**
 * Everything that shapes a file system besides its files.
 *
 * @param sizeBytes its size, a multiple of 4096, at least 8 MiB
 * @param label volume name, at most 16 ASCII characters
 * @param uuid volume id
 * @param hashSeed seed of the directory hash
 * @param epochSeconds time of creation and of every file
 */
public record Ext4Options(
    long sizeBytes, String label, UUID uuid, UUID hashSeed, long epochSeconds) {
  static final int BLOCK_BYTES = 4096;
  private static final long MIN_BYTES = 8L << 20;
  private static final int MAX_LABEL = 16;

  public Ext4Options {
    if (sizeBytes < MIN_BYTES || sizeBytes % BLOCK_BYTES != 0) {
      throw new IllegalArgumentException(
          "size must be a multiple of 4096 and at least 8 MiB: " + sizeBytes);
    }
    if (label.length() > MAX_LABEL || !label.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new IllegalArgumentException(
          "label must be at most 16 visible ASCII characters: " + label);
    }
  }

  /** Fixed ids and the project's fixed date. */
  public static Ext4Options ofSize(long sizeBytes) {
    return new Ext4Options(
        sizeBytes,
        "root",
        UUID.fromString("6d6f6e6f-6365-426f-8000-0000000000f5"),
        UUID.fromString("6d6f6e6f-6365-426f-8000-00000000005e"),
        Initramfs.EPOCH_SECONDS);
  }
}
