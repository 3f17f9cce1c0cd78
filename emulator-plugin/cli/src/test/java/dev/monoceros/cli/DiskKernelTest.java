package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.monoceros.cli.report.InputFile;
import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.Kernel;
import dev.monoceros.images.PackageCache;
import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.images.disk.Ext4Builder;
import dev.monoceros.images.disk.Ext4Options;
import dev.monoceros.images.disk.PartitionTable;
import dev.monoceros.images.disk.PartitionedDisk;
import dev.monoceros.images.initramfs.Initramfs;
import dev.monoceros.images.initramfs.KernelModules;
import dev.monoceros.images.initramfs.ModuleFiles;
import dev.monoceros.images.tree.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Debian's kernel out of the disk: a run that names nothing else. */
@ExtendWith(LibraryRequired.class)
@Timeout(300)
class DiskKernelTest {
  private static final long ROOT_BYTES = 96L << 20;

  @TempDir Path temporary;
  private final PackageCache cache = PackageCache.open(CacheOptions.defaults());
  private final Kernel kernel = cache.kernel();
  private final KernelModules modules =
      new KernelModules(kernel.release(), ModuleFiles.directory(kernel.modules()));

  /** The demo's root with its kernel in /boot. */
  private FileTree.Builder root() {
    return DemoDisk.tree(cache.busybox().path(), modules, "of a test").toBuilder()
        .file("boot/vmlinuz-" + kernel.release(), kernel.vmlinuz(), 0644)
        .symlink("vmlinuz", "boot/vmlinuz-" + kernel.release());
  }

  private String disk(FileTree.Builder tree) {
    Path raw = temporary.resolve("root.raw");
    Path disk = temporary.resolve("disk.qcow2");
    new Ext4Builder(cache.imageTools().mke2fs())
        .build(tree.build(), Ext4Options.ofSize(ROOT_BYTES), raw);
    new PartitionedDisk(PartitionTable.gpt(), List.of(new PartitionedDisk.Partition("root", raw)))
        .write(disk, DiskTarget::qcow2);
    return disk.toString();
  }

  private FileTree extra(String name) {
    return FileTree.builder().file("extra-" + name, name + "\n", 0644).build();
  }

  @Test
  void theDisksLinkIsBootedAndNamedAndTheDiskStaysAsItIs() throws Exception {
    String disk = disk(root());
    byte[] before = Files.readAllBytes(Path.of(disk));
    Path report = temporary.resolve("report.json");

    CommandLineRun run =
        CommandLineRun.of(
            "run", "--offline", "-d", disk + ",snapshot", "--report", report.toString());

    assertThat(run.out()).contains("DEMO-OK of a test", "DEMO-BOOT 1", "reboot: Power down");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode input = new ObjectMapper().readTree(report.toFile()).get("inputs").get(0);
    assertThat(input.get("file").asText())
        .isEqualTo("/boot/vmlinuz-" + kernel.release() + " of /dev/vda1");
    assertThat(input.get("sha256").asText())
        .isEqualTo(InputFile.of("kernel", kernel.vmlinuz()).sha256());
    assertThat(Files.readAllBytes(Path.of(disk))).isEqualTo(before);
  }

  @Test
  void theMenusEntryIsBootedWithItsInitrdAndCommandLine() throws IOException {
    byte[] initrd = Initramfs.bytes(Initramfs.virtioBlkExt4Root(cache.busybox().path(), modules));
    String menu =
        "menuentry 'Demo' {\n linux /vmlinuz root=/dev/vda1 ro console=tty0 of.the=menu\n"
            + " initrd /boot/its-initrd\n}\n";
    String disk =
        disk(root().file("boot/its-initrd", initrd, 0644).file("boot/grub/grub.cfg", menu, 0644));

    CommandLineRun shown =
        CommandLineRun.of("run", "--offline", "-d", disk, "-p", "and=more", "--show-config");
    CommandLineRun run = CommandLineRun.of("run", "--offline", "-d", disk);

    assertThat(shown.out())
        .contains("kernel         /boot/vmlinuz-" + kernel.release() + " of /dev/vda1\n")
        .contains("kernel-from    'Demo' in /boot/grub/grub.cfg of /dev/vda1\n")
        .contains("kernel-sha256  " + InputFile.of("kernel", kernel.vmlinuz()).sha256())
        .contains("initrd         [/boot/its-initrd of /dev/vda1]\n")
        .contains("initramfs      the disk's own\n")
        .contains(
            "command-line   root=/dev/vda1 ro console=tty0 of.the=menu console=ttyS0 panic=-1"
                + " and=more\n");
    assertThat(run.out())
        .contains("Command line: root=/dev/vda1 ro console=tty0 of.the=menu", "DEMO-BOOT 1");
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void severalInitrdsAreOneFileSystemWithTheAutomaticOneAmongThem() throws IOException {
    String init =
        """
        #!/bin/busybox sh
        /bin/busybox cat /extra-one /extra-two
        [ -f /init ] && [ -f /lib/modules/virtio_blk.ko ] && echo the automatic one
        /bin/busybox poweroff -f
        """;
    Path one = temporary.resolve("one.cpio");
    Path two = temporary.resolve("two.cpio.gz");
    Initramfs.write(extra("one"), one);
    Initramfs.writeGzip(extra("two").toBuilder().file("init2", init, 0755).build(), two);

    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--offline",
            "-d",
            disk(root()),
            "-i",
            one.toString(),
            "-i",
            "auto",
            "-i",
            two.toString(),
            "-p",
            "rdinit=/init2");

    assertThat(run.out()).contains("one\r\ntwo\r\nthe automatic one\r\n");
    assertThat(run.code()).as(run.err()).isZero();
    CommandLineRun without =
        CommandLineRun.of("run", "-k", kernel.vmlinuz().toString(), "-i", "auto");
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.err()).contains("-i auto: without a disk there is no initramfs to be made");
  }

  @Test
  void aDiskWithoutAKernelOrWithoutLinuxEndsWith2AndOneSentence() throws IOException {
    String disk = disk(FileTree.builder().directory("etc").directory("usr"));
    CommandLineRun none = CommandLineRun.of("run", "--offline", "-d", disk);
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err())
        .hasLineCount(1)
        .startsWith("monoceros: disk " + disk + ": no kernel was found on /dev/vda1");

    byte[] bytes = new byte[1 << 20];
    System.arraycopy(new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe}, 0, bytes, 0, 6);
    Path luks = Files.write(temporary.resolve("luks.raw"), bytes);
    CommandLineRun encrypted = CommandLineRun.of("run", "--offline", "-d", luks + ",format=raw");
    assertThat(encrypted.code()).isEqualTo(2);
    assertThat(encrypted.err())
        .hasLineCount(1)
        .contains("/dev/vda is an encrypted LUKS volume, which cannot be read here");
  }
}
