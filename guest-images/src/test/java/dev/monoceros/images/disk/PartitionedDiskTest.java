package dev.monoceros.images.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.ImagesException;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import dev.monoceros.images.ToolRun;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Partition tables as sfdisk reads them. */
@ExtendWith(AptRequired.class)
class PartitionedDiskTest {
  private static final int MIB = 1 << 20;

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());

  @Test
  void sfdiskReadsTheMbr() throws IOException {
    Path disk = write(PartitionTable.mbr(), content("a", 3 * MIB), content("b", MIB + 1));

    assertThat(dump(disk))
        .contains(
            "label: dos",
            "label-id: 0x6d6f6e6f",
            "1 : start=        2048, size=        6144, type=83",
            "2 : start=        8192, size=        4096, type=83");
    assertThat(Files.size(disk)).isEqualTo(7L * MIB);
  }

  @Test
  void sfdiskReadsTheGptAndItsBackup() throws IOException {
    Path disk = write(PartitionTable.gpt(), content("root", 3 * MIB), content("home", MIB));

    assertThat(dump(disk))
        .contains(
            "label: gpt",
            "label-id: 6D6F6E6F-6365-426F-8000-000000000600",
            "first-lba: 34",
            "last-lba: 12254",
            "1 : start=        2048, size=        6144, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=6D6F6E6F-6365-426F-8000-000000000601, name=\"root\"",
            "2 : start=        8192, size=        2048, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=6D6F6E6F-6365-426F-8000-000000000602, name=\"home\"")
        .doesNotContain("corrupt");
    assertThat(ToolRun.output(cache.oracles().sfdisk(), "--verify", disk.toString()))
        .contains("No errors detected");
    wipe(disk, 512);
    assertThat(dump(disk))
        .contains("The primary GPT table is corrupt, but the backup appears OK", "name=\"home\"");
  }

  @Test
  void contentsLieWherePartitionsStart() throws IOException {
    Path a = content("a", 2 * MIB);
    Path disk = write(PartitionTable.mbr(), a, content("b", MIB));

    byte[] bytes = Files.readAllBytes(disk);
    assertThat(Arrays.copyOfRange(bytes, MIB, 3 * MIB)).isEqualTo(Files.readAllBytes(a));
    assertThat(Arrays.copyOfRange(bytes, 3 * MIB, 4 * MIB))
        .isEqualTo(Files.readAllBytes(temporary.resolve("b")));
  }

  @Test
  void zeroesAreNotWritten() throws IOException {
    Path content = temporary.resolve("sparse");
    byte[] bytes = new byte[64 * MIB];
    bytes[40 * MIB] = 1;
    Files.write(content, bytes);
    Path disk = write(PartitionTable.mbr(), content);

    long allocated =
        Long.parseLong(
                ToolRun.output(
                        new Tool("stat", List.of("stat", "-c", "%b"), Map.of(), List.of()),
                        disk.toString())
                    .strip())
            * 512;

    assertThat(allocated).isLessThan(MIB);
    assertThat(Files.size(disk)).isEqualTo(66L * MIB);
  }

  @Test
  void moreThanFourPartitionsNeedAGpt() throws IOException {
    Path one = content("one", 512);
    List<PartitionedDisk.Partition> five =
        Collections.nCopies(5, new PartitionedDisk.Partition("p", one));
    Path file = temporary.resolve("five");

    assertThatThrownBy(
            () -> new PartitionedDisk(PartitionTable.mbr(), five).write(file, DiskTarget::raw))
        .isInstanceOf(IllegalArgumentException.class);
    new PartitionedDisk(PartitionTable.gpt(), five).write(file, DiskTarget::raw);
    assertThat(dump(file).lines().filter(line -> line.contains("start="))).hasSize(5);
  }

  @Test
  void aDiskThatCannotBeWrittenIsOneSentenceAndLeavesNothing() throws IOException {
    Path content = content("a", MIB);
    PartitionedDisk disk =
        new PartitionedDisk(
            PartitionTable.mbr(), List.of(new PartitionedDisk.Partition("p", content)));
    Path file = temporary.resolve("broken");

    assertThatThrownBy(
            () ->
                disk.write(
                    file,
                    (path, size) -> {
                      DiskTarget.raw(path, size).close();
                      return new FullTarget();
                    }))
        .isInstanceOf(ImagesException.class)
        .hasMessage("Cannot write the disk image " + file + ": No space left on device.");
    assertThat(file).doesNotExist();
  }

  @Test
  void qemuImgFindsTheQcow2ImageEqualToTheRawOne() throws IOException {
    PartitionedDisk disk =
        new PartitionedDisk(
            PartitionTable.gpt(),
            List.of(
                new PartitionedDisk.Partition("a", content("a", 3 * MIB + 5)),
                new PartitionedDisk.Partition("z", content("z", MIB))));
    Path raw = temporary.resolve("raw");
    Path qcow2 = temporary.resolve("qcow2");
    disk.write(raw, DiskTarget::raw);
    disk.write(qcow2, DiskTarget::qcow2);

    assertThat(
            ToolRun.output(
                cache.oracles().qemuImg(),
                "compare",
                "-f",
                "raw",
                "-F",
                "qcow2",
                raw.toString(),
                qcow2.toString()))
        .contains("Images are identical.");
    assertThat(ToolRun.output(cache.oracles().qemuImg(), "check", qcow2.toString()))
        .contains("No errors were found on the image.");
  }

  @Test
  void anImageThatSomebodyHasOpenIsLeftAlone() throws IOException {
    PartitionedDisk disk =
        new PartitionedDisk(
            PartitionTable.mbr(), List.of(new PartitionedDisk.Partition("a", content("a", MIB))));
    Path file = temporary.resolve("open.qcow2");
    disk.write(file, DiskTarget::qcow2);
    byte[] before = Files.readAllBytes(file);

    try (DiskImage open = DiskImage.open(file, OpenOptions.defaults())) {
      assertThatThrownBy(() -> disk.write(file, DiskTarget::qcow2))
          .isInstanceOfSatisfying(
              ImagesException.class, e -> assertThat(e.kind()).isEqualTo(ImagesException.Kind.IO))
          .hasMessageStartingWith("Cannot write the disk image " + file + ": ")
          .satisfies(
              e ->
                  assertThat(e.getMessage().substring(30 + file.toString().length()))
                      .doesNotContain(file.toString()));
      assertThat(open.size()).isEqualTo(3L * MIB);
    }
    assertThat(file).hasBinaryContent(before);
  }

  private record FullTarget() implements DiskTarget {
    @Override
    public void write(long offset, ByteBuffer bytes) throws IOException {
      throw new IOException("No space left on device");
    }

    @Override
    public void close() {}
  }

  private Path write(PartitionTable table, Path... contents) {
    Path disk = temporary.resolve("disk");
    List<PartitionedDisk.Partition> partitions =
        Arrays.stream(contents)
            .map(path -> new PartitionedDisk.Partition(path.getFileName().toString(), path))
            .toList();
    new PartitionedDisk(table, partitions).write(disk, DiskTarget::raw);
    return disk;
  }

  private Path content(String name, int size) throws IOException {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) name.charAt(0));
    return Files.write(temporary.resolve(name), bytes);
  }

  private String dump(Path disk) {
    return ToolRun.output(cache.oracles().sfdisk(), "--dump", disk.toString());
  }

  private static void wipe(Path disk, int offset) throws IOException {
    byte[] bytes = Files.readAllBytes(disk);
    Arrays.fill(bytes, offset, offset + 512, (byte) 0);
    Files.write(disk, bytes);
  }
}
