package dev.monoceros.qcow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.format.TableEntry;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.oracle.DiskMap;
import dev.monoceros.qcow.oracle.DiskModel;
import dev.monoceros.qcow.oracle.NeedsQemu;
import dev.monoceros.qcow.oracle.QemuImg;
import dev.monoceros.qcow.oracle.QemuIo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Section "Extended L2 Entries", entry by entry: what a bitmap means is what QEMU makes of it. */
@NeedsQemu
class SubclusterTest {
  private static final int CLUSTER = 16384;
  private static final int SIZE = 4 * CLUSTER;

  /** Entry 1 of the only L2 table, of 16 bytes. */
  private static final int ENTRY = 16;

  private static final long ALL = 0xffff_ffffL;

  private Path directory;
  private Path image;

  /** An image over a raw disk, cluster 1 allocated and filled. */
  private void create(boolean backed) throws Exception {
    QemuIo.require();
    directory = Files.createTempDirectory("subcluster");
    image = directory.resolve("disk.qcow2");
    Files.write(directory.resolve("base.raw"), DiskModel.pattern(SIZE, 5));
    String options = "extended_l2=on,cluster_size=" + CLUSTER;
    if (backed) {
      QemuImg.succeed(
          "create", "-q", "-f", "qcow2", "-o", options, "-F", "raw", "-b", "base.raw", image, SIZE);
    } else {
      QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, image, SIZE);
    }
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults())) {
      disk.write(CLUSTER, ByteBuffer.wrap(DiskModel.pattern(CLUSTER, 6)));
    }
  }

  private void delete() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** Where the entry of cluster 1 is. */
  private static int entry(ByteBuffer file) {
    long l1 = file.getLong(HeaderField.L1_TABLE_OFFSET);
    return (int) TableEntry.hostOffset(file.getLong((int) l1)) + ENTRY;
  }

  private int patch(boolean placed, long bitmap) throws IOException {
    byte[] bytes = Files.readAllBytes(image);
    ByteBuffer file = ByteBuffer.wrap(bytes);
    int at = entry(file);
    file.putLong(at, placed ? file.getLong(at) : 0);
    file.putLong(at + Long.BYTES, bitmap);
    Files.write(image, bytes);
    return at;
  }

  @Property(tries = 25)
  void anyBitmapReadsAndIsWrittenAsQemuReadsAndWritesIt(
      @ForAll boolean backed,
      @ForAll boolean placed,
      @ForAll int allocated,
      @ForAll int zero,
      @ForAll @IntRange(max = 2 * CLUSTER - 1) int from,
      @ForAll @IntRange(min = 1, max = CLUSTER) int length)
      throws Exception {
    create(backed);
    try {
      long allocatedBits = placed ? allocated & ALL : 0;
      patch(placed, allocatedBits | (zero & ALL & ~allocatedBits) << 32);
      assertSame(image);
      Path theirs = Files.copy(image, directory.resolve("theirs.qcow2"));
      QemuIo.run(theirs, List.of("write -P 9 %d %d".formatted(from + CLUSTER / 2, length)));
      byte[] data = new byte[length];
      Arrays.fill(data, (byte) 9);
      try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults())) {
        disk.write(from + CLUSTER / 2, ByteBuffer.wrap(data));
      }
      assertSame(image);
      assertThat(QemuImg.contents(image)).isEqualTo(QemuImg.contents(theirs));
      assertThat(DiskMap.withoutHoles(DiskMap.theirs(image)))
          .isEqualTo(DiskMap.withoutHoles(DiskMap.theirs(theirs)));
      // The cluster of an entry that was patched away is a leak.
      assertThat(QemuImg.check(image))
          .isEqualTo(placed ? QemuImg.Check.CLEAN : QemuImg.Check.LEAKS);
    } finally {
      delete();
    }
  }

  private static void assertSame(Path image) throws Exception {
    byte[] found = new byte[SIZE];
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults().withReadOnly(true))) {
      disk.read(0, ByteBuffer.wrap(found));
      if (disk.backing().isEmpty()) {
        assertThat(DiskMap.ours(disk)).isEqualTo(DiskMap.theirs(image));
      }
    }
    assertThat(found).isEqualTo(QemuImg.contents(image));
  }

  @Test
  void anEntryThatContradictsItselfIsRefusedAtItsOffset() throws Exception {
    create(false);
    try {
      record Bad(boolean placed, long bitmap, String words) {}
      for (Bad bad :
          List.of(
              new Bad(true, 1L << 32 | 1, "allocated and read as zero"),
              new Bad(true, 1L << 63 | 1L << 31, "allocated and read as zero"),
              new Bad(false, 1L << 7, "without a cluster"))) {
        long at = patch(bad.placed, bad.bitmap);
        for (boolean write : new boolean[] {false, true}) {
          ImageException e = catchThrowableOfType(ImageException.class, () -> access(write));
          assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
          assertThat(e.offset()).isEqualTo(at);
          assertThat(e).hasMessageContaining(bad.words);
        }
      }
    } finally {
      delete();
    }
  }

  private void access(boolean write) throws ImageException {
    try (DiskImage disk = DiskImage.open(image, OpenOptions.defaults())) {
      if (write) {
        disk.write(CLUSTER + 100, ByteBuffer.allocate(1));
      } else {
        disk.read(CLUSTER, ByteBuffer.allocate(1));
      }
    }
  }
}
