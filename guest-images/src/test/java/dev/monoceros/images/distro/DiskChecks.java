package dev.monoceros.images.distro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Oracles;
import dev.monoceros.images.ToolRun;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What somebody else's tools say about a disk with one ext4 partition. */
final class DiskChecks {
  private static final long PARTITION_AT = 1 << 20;

  private DiskChecks() {}

  /** qemu-img check and e2fsck -fn find nothing, and sfdisk one Linux partition in a GPT. */
  static void requireClean(Oracles oracles, Path disk, Path temporary) throws IOException {
    assertThat(ToolRun.output(oracles.qemuImg(), "check", disk.toString()))
        .contains("No errors were found on the image.");
    Path partition = partition(oracles, disk, temporary);
    assertThat(ToolRun.output(oracles.e2fsck(), "-fn", partition.toString()))
        .contains("Pass 5")
        .doesNotContain("Fix?", "recovering journal");
    Files.delete(partition);
  }

  /** The partition in a file; qemu-img reads our image for it. */
  static Path partition(Oracles oracles, Path disk, Path temporary) throws IOException {
    Path raw = temporary.resolve("raw");
    ToolRun.output(oracles.qemuImg(), "convert", "-O", "raw", disk.toString(), raw.toString());
    assertThat(ToolRun.output(oracles.sfdisk(), "--dump", raw.toString()))
        .contains("label: gpt", "type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=")
        .containsOnlyOnce("type=");
    try (FileChannel channel =
        FileChannel.open(raw, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long size = channel.size() - 2 * PARTITION_AT;
      Path partition = temporary.resolve("partition");
      try (FileChannel to =
          FileChannel.open(partition, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        for (long done = 0; done < size; ) {
          done += channel.transferTo(PARTITION_AT + done, size - done, to);
        }
      }
      Files.delete(raw);
      return partition;
    }
  }
}
