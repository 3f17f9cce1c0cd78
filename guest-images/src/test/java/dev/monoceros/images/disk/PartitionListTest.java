package dev.monoceros.images.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import dev.monoceros.images.disk.PartitionList.Kind;
import dev.monoceros.images.disk.PartitionList.Partition;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Partition tables that sfdisk wrote. */
@ExtendWith(AptRequired.class)
class PartitionListTest {
  private static final long MIB = 1 << 20;

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @Test
  void primaryAndLogicalPartitionsOfAnMbr() throws IOException {
    PartitionList list =
        sfdisk(
            """
            label: dos
            1 : start=2048, size=2048, type=82
            2 : start=4096, size=2048, type=83
            3 : start=6144, size=40960, type=f
            5 : start=8192, size=2048, type=83
            6 : start=12288, size=4096, type=83
            """);

    assertThat(list.partitions())
        .contains(
            new Partition(1, MIB, MIB, Kind.OTHER),
            new Partition(2, 2 * MIB, MIB, Kind.LINUX),
            new Partition(5, 4 * MIB, MIB, Kind.LINUX),
            new Partition(6, 6 * MIB, 2 * MIB, Kind.LINUX))
        .hasSize(5);
    assertThat(list.root()).hasValueSatisfying(root -> assertThat(root.number()).isEqualTo(2));
  }

  @Test
  void aGptWithARootTypeOverridesTheOrder() throws IOException {
    PartitionList list =
        sfdisk(
            """
            label: gpt
            1 : start=2048, size=2048, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
            2 : start=4096, size=2048, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
            7 : start=6144, size=2048, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709
            """);

    assertThat(list.partitions())
        .containsExactly(
            new Partition(1, MIB, MIB, Kind.OTHER),
            new Partition(2, 2 * MIB, MIB, Kind.LINUX),
            new Partition(7, 3 * MIB, MIB, Kind.LINUX_ROOT));
    assertThat(list.root()).contains(new Partition(7, 3 * MIB, MIB, Kind.LINUX_ROOT));
  }

  @Test
  void partitionsHaveTheIdsByWhichLinuxNamesThem() throws IOException {
    String id = "0A1B2C3D-4E5F-4678-9ABC-DEF012345678";
    PartitionList gpt = sfdisk("label: gpt\n3 : start=2048, size=2048, uuid=" + id + "\n");
    PartitionList mbr =
        sfdisk(
            """
            label: dos
            label-id: 0x00c0ffee
            1 : start=2048, size=2048
            4 : start=6144, size=40960, type=f
            5 : start=8192, size=2048
            """);

    assertThat(gpt.ids()).containsExactly(Map.entry(3, "0a1b2c3d-4e5f-4678-9abc-def012345678"));
    assertThat(mbr.ids())
        .containsEntry(1, "00c0ffee-01")
        .containsEntry(5, "00c0ffee-05")
        .doesNotContainKey(2);
  }

  @Test
  void whatOurWriterWritesIsReadLikewise() throws IOException {
    Path content = Files.write(temporary.resolve("content"), new byte[] {1});
    Path disk = temporary.resolve("disk");
    new PartitionedDisk(
            PartitionTable.gpt(),
            List.of(
                new PartitionedDisk.Partition("a", content),
                new PartitionedDisk.Partition("b", content)))
        .write(disk, DiskTarget::raw);

    try (FileChannel channel = FileChannel.open(disk)) {
      assertThat(PartitionList.read(DiskSource.raw(channel)).partitions())
          .containsExactly(
              new Partition(1, MIB, MIB, Kind.LINUX), new Partition(2, 2 * MIB, MIB, Kind.LINUX));
    }
  }

  @Test
  void aDiskWithoutATableHasNoPartitions() throws IOException {
    Path disk = Files.write(temporary.resolve("disk"), new byte[(int) MIB]);
    try (FileChannel channel = FileChannel.open(disk)) {
      assertThat(PartitionList.read(DiskSource.raw(channel)).partitions()).isEmpty();
      assertThat(PartitionList.read(DiskSource.raw(channel)).root()).isEmpty();
    }
  }

  @Test
  void aDamagedTableNeverGivesAPartitionOutsideTheDisk() throws IOException {
    sfdisk("label: gpt\n1 : start=2048, size=2048\n2 : start=4096, size=2048\n");
    byte[] gpt = Files.readAllBytes(temporary.resolve("disk"));
    sfdisk(
        "label: dos\n1 : start=2048, size=40960, type=5\n5 : start=4096, size=2048\n6 : start=8192, size=2048\n");
    byte[] mbr = Files.readAllBytes(temporary.resolve("disk"));
    Random random = new Random(3);
    for (int round = 0; round < 4000; round++) {
      byte[] disk = (round % 2 == 0 ? gpt : mbr).clone();
      for (int i = 0; i < 6; i++) {
        int record =
            new int[] {440, 512, 1024, (int) MIB + 440, 3 * (int) MIB + 440}[random.nextInt(5)];
        disk[record + random.nextInt(72)] = (byte) random.nextInt();
      }
      PartitionList list = PartitionList.read(memory(disk));
      assertThat(list.partitions())
          .allSatisfy(
              partition -> {
                assertThat(partition.start()).isPositive();
                assertThat(partition.length()).isPositive();
                assertThat(partition.start() + partition.length()).isLessThanOrEqualTo(disk.length);
              });
      assertThat(list.partitions()).hasSizeLessThan(1100);
    }
  }

  private PartitionList sfdisk(String script) throws IOException {
    Path disk = temporary.resolve("disk");
    Files.deleteIfExists(disk);
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(32 * MIB);
    }
    Tool sfdisk = cache.oracles().sfdisk();
    Process process = sfdisk.process("--quiet", disk.toString()).redirectErrorStream(true).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(script.getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.onExit().join().exitValue()).as(said).isZero();
    try (FileChannel channel = FileChannel.open(disk)) {
      return PartitionList.read(DiskSource.raw(channel));
    }
  }

  private static DiskSource memory(byte[] disk) {
    return new DiskSource() {
      @Override
      public long size() {
        return disk.length;
      }

      @Override
      public void read(long offset, ByteBuffer into) {
        into.put(disk, Math.toIntExact(offset), into.remaining());
      }
    };
  }
}
