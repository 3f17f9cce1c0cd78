package dev.monoceros.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk as {@link GuestProgram} leaves it: see {@code write_everything} and {@code disk.c}. */
public final class BareDisk {
  private static final int SECTOR = 512;
  private static final int SLOTS = 64;
  private static final int SLOT_SECTORS = 8;
  private static final int QUEUE_SECTORS = SLOTS * SLOT_SECTORS;
  private static final int MOST_QUEUES = 16;
  private static final int FINAL_GENERATION = 0xf0000;
  private static final long FACTOR = 0x9e37_79b9_7f4a_7c15L;

  /** How large the disk has to be. */
  public static final int BYTES = MOST_QUEUES * QUEUE_SECTORS * SECTOR;

  private BareDisk() {}

  /** Fails unless a QCOW2 image is clean and holds what it should, as we and as QEMU read it. */
  public static void requireContents(Path image, int queues, Path directory) throws IOException {
    byte[] expected = expected(queues);
    byte[] ours = new byte[BYTES];
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults().withReadOnly(true))) {
      disk.read(0, MemorySegment.ofArray(ours));
    }
    assertThat(ours).isEqualTo(expected);
    Images.requireClean(image);
    Path raw = Images.rawByQemu(image, directory.resolve("disk.raw"));
    assertThat(Files.readAllBytes(raw)).isEqualTo(expected);
  }

  private static byte[] expected(int queues) {
    ByteBuffer disk = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long sector = 0; sector < (long) queues * QUEUE_SECTORS; sector++) {
      long generation = FINAL_GENERATION + sector / SLOT_SECTORS % SLOTS;
      for (int word = 0; word < SECTOR / Long.BYTES; word++) {
        disk.putLong(sector << 40 ^ generation << 8 ^ word * FACTOR);
      }
    }
    return disk.array();
  }
}
