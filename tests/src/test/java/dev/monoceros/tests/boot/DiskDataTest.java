package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.DiskStats;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bytes that the guest writes are the bytes that the guest, and QEMU after it, read. The guest
 * hashes what it writes on its way to the disk, so nothing of ours judges itself.
 */
@ExtendWith(PackagesRequired.class)
class DiskDataTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private static DiskSpec disk(Path file) {
    return disk(file, OptionalLong.empty());
  }

  private static DiskSpec disk(Path file, OptionalLong l2CacheBytes) {
    return new DiskSpec(file, Optional.empty(), false, false, Optional.of("DATA-1"), l2CacheBytes);
  }

  private MachineConfig config(DiskSpec disk, String script) {
    return Guests.machine(
            Guests.kernel().vmlinuz(),
            Guests.scriptInitrd(directory, script, "virtio_pci", "virtio_blk"))
        .withDisks(List.of(disk));
  }

  /** Random bytes, hashed while written past the page cache, then read back past it. */
  private static String writeAndReadBack(int mib) {
    return """
        mkfifo /tmp/tee
        md5sum < /tmp/tee > /tmp/sum & hash=$!
        dd if=/dev/urandom bs=1M count=%1$d 2>/dev/null | tee /tmp/tee \
          | dd of=/dev/vda bs=1M iflag=fullblock oflag=direct 2>/dev/null || echo WRITE-FAILED
        wait $hash
        echo "WRITTEN $(cat /tmp/sum)"
        echo "READ $(dd if=/dev/vda bs=1M count=%1$d iflag=direct 2>/dev/null | md5sum)"
        echo "SERIAL $(cat /sys/block/vda/serial)"
        poweroff -f
        """
        .formatted(mib);
  }

  private static String md5(Run run, String word) {
    Matcher matcher = Pattern.compile(word + " ([0-9a-f]{32}) ").matcher(run.console());
    assertThat(matcher.find()).as(run::tail).isTrue();
    return matcher.group(1);
  }

  private Run writesAndReadsBack(int mib) throws Exception {
    Path image = Images.qcow2(directory.resolve("data.qcow2"), (long) mib * MIB);

    Run run = Run.of(config(disk(image), writeAndReadBack(mib)));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console()).contains("SERIAL DATA-1").doesNotContain("WRITE-FAILED");
    String written = md5(run, "WRITTEN");
    assertThat(md5(run, "READ")).isEqualTo(written);
    DiskStats stats = run.result().disks().getFirst();
    assertThat(stats.bytesWritten()).isEqualTo((long) mib * MIB);
    assertThat(stats.bytesRead()).isGreaterThanOrEqualTo((long) mib * MIB);
    Images.requireClean(image);
    Path raw = Images.rawByQemu(image, directory.resolve("data.raw"));
    assertThat(Images.digest("MD5", raw)).as("what QEMU reads").isEqualTo(written);
    return run;
  }

  @Test
  void mebibytesWrittenPastThePageCacheAreReadBackByTheGuestAndByQemu() throws Exception {
    writesAndReadsBack(64);
  }

  @Test
  @Tag("long")
  void halfAGibibyteWrittenPastThePageCacheIsReadBackByTheGuestAndByQemu() throws Exception {
    writesAndReadsBack(512);
  }

  @Test
  void anL2CacheOfTwoSlicesEvictsAndWritesBackAndLosesNothing() throws Exception {
    Path image = Images.qcow2(directory.resolve("sparse.qcow2"), 4096L * MIB);
    // 16 places, 256 MiB apart, so in tables of their own; twice, in changing order.
    String script =
        """
        for i in 0 5 10 15 4 9 14 3 8 13 2 7 12 1 6 11; do
          echo "block$i" | dd of=/dev/vda bs=4k seek=$((i * 65536 + i)) conv=sync oflag=direct 2>/dev/null
        done
        for i in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
          dd if=/dev/vda bs=4k skip=$((i * 65536 + i)) count=1 iflag=direct 2>/dev/null | head -1
        done
        poweroff -f
        """;

    Run run = Run.of(config(disk(image, OptionalLong.of(8192)), script));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      expected.append("block").append(i).append("\r\n");
    }
    assertThat(run.console()).contains(expected);
    DiskStats stats = run.result().disks().getFirst();
    assertThat(stats.l2Misses()).isGreaterThanOrEqualTo(16);
    assertThat(stats.l2Evictions()).isGreaterThanOrEqualTo(16);
    assertThat(stats.l2WriteBacks()).isPositive();
    Images.requireClean(image);
    assertThat(readByQemuIo(image, 15L * 256 * MIB + 15 * 4096)).contains("block15");
  }

  private static String readByQemuIo(Path image, long offset) throws IOException {
    String dump =
        Images.output(
            Guests.oracles().qemuIo(), "-r", "-c", "read -v " + offset + " 512", image.toString());
    StringBuilder text = new StringBuilder();
    dump.lines()
        .filter(line -> line.matches("[0-9a-f]{8}: .*"))
        .forEach(line -> text.append(line.substring(line.lastIndexOf("  ") + 2)));
    return text.toString();
  }

  @Test
  void aRawDiskHoldsJustWhatTheGuestWrote() throws Exception {
    Path image = directory.resolve("data.raw");
    DiskTarget.raw(image, 8 * MIB).close();
    DiskSpec raw =
        new DiskSpec(
            image,
            Optional.of(DiskSpec.Format.RAW),
            false,
            false,
            Optional.empty(),
            OptionalLong.empty());

    Run run = Run.of(config(raw, writeAndReadBack(8)));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(Files.size(image)).isEqualTo(8L * MIB);
    assertThat(Images.digest("MD5", image)).isEqualTo(md5(run, "WRITTEN"));
  }

  @Test
  void severalDisksAreKeptApartAndQemuFindsTheCopyEqual() throws Exception {
    List<Path> images =
        List.of(
            Images.qcow2(directory.resolve("one.qcow2"), 8L * MIB),
            Images.qcow2(directory.resolve("two.qcow2"), 8L * MIB),
            Images.qcow2(directory.resolve("three.qcow2"), 16L * MIB));
    String script =
        """
        dd if=/dev/urandom of=/dev/vda bs=64k count=128 2>/dev/null
        dd if=/dev/urandom of=/dev/vdc bs=64k count=256 2>/dev/null
        sync
        cp /dev/vda /dev/vdb & cat /dev/vdc | md5sum & wait
        sync
        echo "SECTORS $(cat /sys/block/vda/size /sys/block/vdb/size /sys/block/vdc/size | xargs)"
        poweroff -f
        """;

    Run run =
        Run.of(
            config(disk(images.getFirst()), script)
                .withDisks(images.stream().map(DiskSpec::of).toList()));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console()).contains("SECTORS 16384 16384 32768");
    assertThat(run.result().disks())
        .extracting(DiskStats::name)
        .containsExactly("vda", "vdb", "vdc");
    for (Path image : images) {
      Images.requireClean(image);
    }
    assertThat(compare(images.get(0), images.get(1))).contains("Images are identical.");
    Path third = Images.rawByQemu(images.get(2), directory.resolve("three.raw"));
    assertThat(run.console()).contains(Images.digest("MD5", third));
  }

  private static String compare(Path one, Path other) throws IOException {
    return Images.output(
        Guests.oracles().qemuImg(),
        "compare",
        "-f",
        "qcow2",
        "-F",
        "qcow2",
        one.toString(),
        other.toString());
  }
}
