package dev.monoceros.images.bootdisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.bootdisk.BootDisk.Content;
import dev.monoceros.images.tree.FileTree;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is found on disks as distributions lay them out. */
@ExtendWith(AptRequired.class)
class BootDiskTest {
  /** Partition 1 of the project's fixed GPT id. */
  private static final String PARTUUID = "PARTUUID=6d6f6e6f-6365-426f-8000-00000000060";

  @TempDir Path temporary;

  private TestDisk disk() {
    return new TestDisk(temporary);
  }

  private static FileTree.Builder kernels(FileTree.Builder tree, String... versions) {
    for (String version : versions) {
      tree.file("boot/vmlinuz-" + version, "kernel " + version, 0644);
      tree.file("boot/initrd.img-" + version, "initrd " + version, 0644);
    }
    return tree;
  }

  private static String text(Content content) {
    return new String(content.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void theLinksOfDebianAreFollowedThoughANewerKernelIsThere() throws Exception {
    BootDisk found =
        disk()
            .ext4(
                kernels(TestDisk.root(), "6.1.0-9-amd64", "6.1.0-56-amd64")
                    .symlink("vmlinuz", "boot/vmlinuz-6.1.0-9-amd64")
                    .symlink("initrd.img", "boot/initrd.img-6.1.0-9-amd64"))
            .find();

    assertThat(found.origin()).isEqualTo("the link /vmlinuz");
    assertThat(found.kernel().path()).isEqualTo("/boot/vmlinuz-6.1.0-9-amd64");
    assertThat(found.kernel().device()).isEqualTo("/dev/vda1");
    assertThat(text(found.kernel())).isEqualTo("kernel 6.1.0-9-amd64");
    assertThat(found.initrds()).hasSize(1);
    assertThat(text(found.initrds().getFirst())).isEqualTo("initrd 6.1.0-9-amd64");
    assertThat(found.commandLine()).startsWith("root=" + PARTUUID).endsWith(" ro");
  }

  @Test
  void withoutLinksTheNewestVersionIsTakenWithItsInitrd() throws Exception {
    BootDisk found =
        disk()
            .ext4(kernels(TestDisk.root(), "6.1.0-9-amd64", "6.1.0-56-amd64", "5.10.0-1-amd64"))
            .find();

    assertThat(found.origin()).isEqualTo("the newest of 3 kernels in /boot/");
    assertThat(text(found.kernel())).isEqualTo("kernel 6.1.0-56-amd64");
    assertThat(text(found.initrds().getFirst())).isEqualTo("initrd 6.1.0-56-amd64");
  }

  @ParameterizedTest
  @CsvSource({"initrd.img-%s", "initramfs-%s.img", "initrd-%s"})
  void theInitrdsNameIsThatOfTheDistribution(String pattern) throws Exception {
    FileTree.Builder tree = TestDisk.root().file("boot/vmlinuz-6.9", "kernel", 0644);
    BootDisk found =
        disk().ext4(tree.file("boot/" + pattern.formatted("6.9"), "its initrd", 0644)).find();

    assertThat(found.initrds()).extracting(BootDiskTest::text).containsExactly("its initrd");
  }

  @Test
  void aBootPartitionGivesTheKernelAndTheOtherOneIsTheRoot() throws Exception {
    BootDisk found =
        disk()
            .ext4(
                FileTree.builder()
                    .file("vmlinuz-6.1", "kernel", 0644)
                    .file("initrd.img-6.1", "initrd", 0644))
            .ext4(TestDisk.root().directory("boot"))
            .find();

    assertThat(found.kernel().device()).isEqualTo("/dev/vda1");
    assertThat(found.kernel().path()).isEqualTo("/vmlinuz-6.1");
    assertThat(found.rootDevice()).isEqualTo("/dev/vda2");
    assertThat(found.commandLine()).isEqualTo("root=" + PARTUUID + "2 ro");
  }

  @Test
  void aDiskWithoutPartitionsIsItsOwnRoot() throws Exception {
    BootDisk found = disk().ext4(kernels(TestDisk.root(), "6.1")).findOnWhole();

    assertThat(found.commandLine()).isEqualTo("root=/dev/vda ro");
    assertThat(found.kernel().device()).isEqualTo("/dev/vda");
  }

  @Test
  void loaderEntriesAreSortedBySortKeyAndVersion() throws Exception {
    FileTree.Builder tree = kernels(TestDisk.root(), "6.1.0-9", "6.1.0-56");
    BootDisk found =
        disk()
            .ext4(
                tree.file(
                        "boot/loader/entries/a.conf",
                        "# old\ntitle Old\nversion 6.1.0-9\nlinux /boot/vmlinuz-6.1.0-9\n",
                        0644)
                    .file(
                        "boot/loader/entries/b+3-0.conf",
                        "title New\nversion 6.1.0-56\nlinux /boot/vmlinuz-6.1.0-56\n"
                            + "initrd /boot/initrd.img-6.1.0-9\ninitrd /boot/initrd.img-6.1.0-56\n"
                            + "options root=LABEL=x  rw\noptions quiet\n",
                        0644)
                    .file("boot/loader/entries/efi.conf", "title Other\nefi /shell.efi\n", 0644))
            .find();

    assertThat(found.origin()).isEqualTo("/boot/loader/entries/b.conf of /dev/vda1");
    assertThat(text(found.kernel())).isEqualTo("kernel 6.1.0-56");
    assertThat(found.initrds())
        .extracting(BootDiskTest::text)
        .containsExactly("initrd 6.1.0-9", "initrd 6.1.0-56");
    assertThat(found.commandLine()).isEqualTo("root=LABEL=x rw quiet");
  }

  @Test
  void theDefaultOfLoaderConfIsAPattern() throws Exception {
    BootDisk found =
        disk()
            .ext4(
                kernels(TestDisk.root(), "6.1", "6.2")
                    .file("boot/loader/loader.conf", "timeout 3\ndefault o*d.conf\n", 0644)
                    .file("boot/loader/entries/old.conf", "linux /boot/vmlinuz-6.1\n", 0644)
                    .file("boot/loader/entries/new.conf", "linux /boot/vmlinuz-6.2\n", 0644))
            .find();

    assertThat(text(found.kernel())).isEqualTo("kernel 6.1");
    assertThat(found.initrds()).isEmpty();
  }

  @Test
  void whatCannotBeReadIsNamed() throws Exception {
    assertThatThrownBy(
            () -> new TestDisk(temporary).raw(0, "XFSB".getBytes(StandardCharsets.US_ASCII)).find())
        .isInstanceOf(NoKernelException.class)
        .hasMessage(
            "/dev/vda has no Linux file system that could be read for a kernel: /dev/vda1 is an XFS"
                + " file system, which cannot be read here; name one with -k");
    assertThatThrownBy(
            () ->
                new TestDisk(temporary)
                    .raw(0, new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe, 0, 2})
                    .find())
        .hasMessageContaining("/dev/vda1 is an encrypted LUKS volume");
    assertThatThrownBy(() -> new TestDisk(temporary).raw(0, new byte[] {0}).find())
        .hasMessage(
            "/dev/vda has no Linux file system that could be read for a kernel; name one with -k");
  }

  @Test
  void aRootWithoutAKernelSaysWhereWasLooked() {
    assertThatThrownBy(
            () ->
                disk()
                    .ext4(TestDisk.root())
                    .raw(0x218, "LVM2 001".getBytes(StandardCharsets.US_ASCII))
                    .find())
        .isInstanceOf(NoKernelException.class)
        .hasMessage(
            "no kernel was found on /dev/vda1 (no grub.cfg, no loader entries, no /vmlinuz, no"
                + " /boot/vmlinuz-*): /dev/vda2 is an LVM physical volume, which cannot be read"
                + " here; name one with -k");
  }

  @Test
  void aKernelOnAReadableBootPartitionIsTakenThoughTheRootIsEncrypted() throws Exception {
    BootDisk found =
        disk()
            .ext4(
                FileTree.builder()
                    .file("vmlinuz-6.1", "kernel", 0644)
                    .file(
                        "loader/entries/x.conf",
                        "linux /vmlinuz-6.1\noptions root=/dev/mapper/root ro\n",
                        0644))
            .raw(0, new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe})
            .find();

    assertThat(found.commandLine()).isEqualTo("root=/dev/mapper/root ro");
    assertThat(found.root()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "*, anything, true",
    "a*c, abbc, true",
    "a*c, abcd, false",
    "?b, ab, true",
    "?, ab, false",
    "a.c, abc, false",
    "*a*a*a*b, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaac, false"
  })
  void wildcardsMatchAsInAShell(String pattern, String name, boolean matches) {
    assertThat(LoaderEntries.matches(pattern, name)).isEqualTo(matches);
  }
}
