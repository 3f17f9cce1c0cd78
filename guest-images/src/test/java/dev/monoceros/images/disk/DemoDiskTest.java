package dev.monoceros.images.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.Tool;
import dev.monoceros.images.ToolRun;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo disk and its initramfs, booted by QEMU: somebody else's machine tells whether they are
 * right.
 */
@ExtendWith(AptRequired.class)
@Timeout(300)
class DemoDiskTest {
  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());
  private final Kernel kernel = cache.kernel();
  private final KernelModules modules =
      new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));

  @Test
  void twoBuildsInDifferentPlacesGiveTheSameBytes() throws IOException {
    Path first = build("one");
    Path second = build("two/deeper");

    assertThat(Files.mismatch(first.resolve("demo.qcow2"), second.resolve("demo.qcow2")))
        .isEqualTo(-1);
    assertThat(Files.mismatch(first.resolve("initrd"), second.resolve("initrd"))).isEqualTo(-1);
    assertThat(Files.mismatch(first.resolve("w1"), second.resolve("w1"))).isEqualTo(-1);
    assertThat(first)
        .isDirectoryNotContaining(
            path -> path.toString().endsWith(".root") || path.toString().endsWith(".tar"));
  }

  @Test
  void aSecondBootFindsWhatTheFirstWroteAndTheFileSystemIsClean() throws IOException {
    Path built = build("boot");
    Path disk = built.resolve("demo.qcow2");

    fsck(disk);
    String first = boot(disk, built.resolve("initrd"), "root=/dev/vda1");
    assertThat(first)
        .contains(
            "EXT4-fs (vda1): mounted",
            "DEMO-OK a text of this test\r\n",
            "DEMO-BOOT 1\r\n",
            "reboot: Power down")
        .doesNotContain("DEMO-EARLIER", "DEMO-FAILED");
    fsck(disk);
    String second =
        boot(
            disk,
            built.resolve("initrd"),
            "root=UUID=6d6f6e6f-6365-426f-8000-0000000000f5 demo.end=reboot");
    assertThat(second)
        .contains(
            "DEMO-OK a text of this test\r\n",
            "DEMO-EARLIER written by boot 1\r\n",
            "DEMO-BOOT 2\r\n",
            "reboot: Restarting system");
    fsck(disk);
  }

  @Test
  void theInitramfsFindsARootByItsPartitionId() throws IOException {
    Path built = build("mbr");
    assertThat(
            boot(
                built.resolve("demo.qcow2"),
                built.resolve("initrd"),
                "root=PARTUUID=6d6f6e6f-01 ro"))
        .contains("DEMO-OK");

    Path raw = temporary.resolve("raw");
    new Ext4Builder(cache.imageTools().mke2fs())
        .build(
            DemoDisk.tree(cache.busybox().path(), modules, "gpt"),
            Ext4Options.ofSize(DemoDisk.ROOT_BYTES),
            raw);
    Path gpt = temporary.resolve("gpt.qcow2");
    new PartitionedDisk(PartitionTable.gpt(), List.of(new PartitionedDisk.Partition("root", raw)))
        .write(gpt, DiskTarget::qcow2);
    assertThat(
            boot(
                gpt,
                built.resolve("initrd"),
                "root=PARTUUID=6D6F6E6F-6365-426F-8000-000000000601 rootfstype=ext4"))
        .contains("DEMO-OK gpt");
  }

  @Test
  void aRootThatIsNotThereEndsInAPanicThatNamesIt() throws IOException {
    Path built = build("missing");

    assertThat(
            boot(built.resolve("demo.qcow2"), built.resolve("initrd"), "root=/dev/vdz9 rootwait=1"))
        .contains(
            "monoceros-initramfs: root device /dev/vdz9 did not appear; there are: vda vda1",
            "Kernel panic - not syncing");
  }

  @Test
  void w1RunsToItsReboot() throws IOException {
    Path built = build("w1");

    assertThat(
            boot(
                built.resolve("demo.qcow2"),
                built.resolve("w1"),
                "nokaslr mitigations=off reboot=t"))
        .contains(
            "loaded virtio_blk", "forked 200", "8f4e33f3dc3e414ff94e5fb6905cba8c  -", "TEST-DONE");
  }

  private Path build(String name) throws IOException {
    Path directory = Files.createDirectories(temporary.resolve(name));
    DemoDisk.build(
        cache, modules, "a text of this test", directory.resolve("demo.qcow2"), DiskTarget::qcow2);
    Initramfs.write(
        Initramfs.virtioBlkExt4Root(cache.busybox().path(), modules), directory.resolve("initrd"));
    Initramfs.write(Initramfs.w1(cache.busybox().path(), modules), directory.resolve("w1"));
    return directory;
  }

  private String boot(Path disk, Path initrd, String commandLine) {
    Tool qemu = cache.oracles().qemuSystem();
    return ToolRun.output(
        qemu,
        "-M",
        "pc,accel=tcg",
        "-cpu",
        "Nehalem",
        "-m",
        "256",
        "-nographic",
        "-no-reboot",
        "-nic",
        "none",
        "-drive",
        "file=" + disk + ",format=qcow2,if=virtio",
        "-kernel",
        kernel.vmlinuz().toString(),
        "-initrd",
        initrd.toString(),
        "-append",
        "console=ttyS0 panic=-1 " + commandLine);
  }

  /** qemu-img turns our image into the raw one that e2fsck can be shown a partition of. */
  private void fsck(Path disk) throws IOException {
    assertThat(ToolRun.output(cache.oracles().qemuImg(), "check", disk.toString()))
        .contains("No errors were found on the image.");
    Path raw = temporary.resolve("raw");
    ToolRun.output(
        cache.oracles().qemuImg(), "convert", "-O", "raw", disk.toString(), raw.toString());
    Path partition = temporary.resolve("partition");
    try (FileChannel from = FileChannel.open(raw, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(
                partition,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
      assertThat(from.transferTo(1 << 20, DemoDisk.ROOT_BYTES, to)).isEqualTo(DemoDisk.ROOT_BYTES);
    }
    assertThat(ToolRun.output(cache.oracles().e2fsck(), "-fn", partition.toString()))
        .contains("Pass 5")
        .doesNotContain("Fix?", "recovering journal");
  }
}
