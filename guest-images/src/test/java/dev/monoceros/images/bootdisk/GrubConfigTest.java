package dev.monoceros.images.bootdisk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.AptRequired;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.tree.FileTree;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Menus in the shapes that distributions' generators give them. */
@ExtendWith(AptRequired.class)
class GrubConfigTest {
  /** The shape of what grub-mkconfig of Debian 12 writes, with its conditions. */
  private static final String DEBIAN =
      """
      if [ -s $prefix/grubenv ]; then
        set have_grubenv=true
        load_env
      fi
      if [ "${next_entry}" ] ; then
         set default="${next_entry}"
         set next_entry=
         save_env next_entry
         set boot_once=true
      else
         set default="DEFAULT"
      fi

      if [ x"${feature_menuentry_id}" = xy ]; then
        menuentry_id_option="--id"
      else
        menuentry_id_option=""
      fi
      export menuentry_id_option
      function savedefault {
        if [ -z "${boot_once}" ]; then
          saved_entry="${chosen}"
          save_env saved_entry
        fi
      }
      function load_video {
        if [ x$feature_all_video_module = xy ]; then
          insmod all_video
        else
          insmod efi_gop
        fi
      }
      if [ x$feature_default_font_path = xy ] ; then
         font=unicode
      else
      insmod part_gpt
      search --no-floppy --fs-uuid --set=root 99999999-0000-4000-8000-000000000001
          font="/usr/share/grub/unicode.pf2"
      fi
      if loadfont $font ; then
        set gfxmode=auto
        load_video
      fi
      terminal_output gfxterm
      if [ "${recordfail}" = 1 ] ; then
        set timeout=30
      else
        if [ x$feature_timeout_style = xy ] ; then
          set timeout_style=menu
          set timeout=5
        fi
      fi
      menuentry 'Debian GNU/Linux' --class debian --class gnu-linux --class os $menuentry_id_option 'gnulinux-simple-1' {
      \tload_video
      \tinsmod gzio
      \tif [ x$grub_platform = xxen ]; then insmod xzio; insmod lzopio; fi
      \tinsmod ext2
      \tsearch --no-floppy --fs-uuid --set=root 12345678-0000-4000-8000-000000000001
      \techo\t'Loading Linux 6.1.0-56-amd64 ...'
      \tlinux\t/boot/vmlinuz-6.1.0-56-amd64 root=UUID=12345678-0000-4000-8000-000000000001 ro  quiet
      \techo\t'Loading initial ramdisk ...'
      \tinitrd\t/boot/initrd.img-6.1.0-56-amd64
      }
      submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-1' {
      \tmenuentry 'Debian GNU/Linux, with Linux 6.1.0-56-amd64' --class debian $menuentry_id_option 'gnulinux-6.1.0-56-advanced-1' {
      \t\tsearch --no-floppy --fs-uuid --set=root 12345678-0000-4000-8000-000000000001
      \t\tlinux\t/boot/vmlinuz-6.1.0-56-amd64 root=/dev/vda1 ro second
      \t}
      \tmenuentry 'Debian GNU/Linux, with Linux 6.1.0-9-amd64 (recovery mode)' $menuentry_id_option 'gnulinux-6.1.0-9-recovery-1' {
      \t\tlinux\t/boot/vmlinuz-6.1.0-9-amd64 root=/dev/vda1 ro single dis_ucode_ldr
      \t\tinitrd\t/boot/initrd.img-6.1.0-9-amd64
      \t}
      }
      if [ "$grub_platform" = "efi" ]; then
      \tmenuentry 'UEFI Firmware Settings' { fwsetup; }
      fi
      if [ -f  ${config_directory}/custom.cfg ]; then
        source ${config_directory}/custom.cfg
      elif [ -z "${config_directory}" -a -f  $prefix/custom.cfg ]; then
        source $prefix/custom.cfg
      fi
      """;

  @TempDir Path temporary;

  private static FileTree.Builder tree() {
    FileTree.Builder tree = TestDisk.root();
    for (String version : new String[] {"6.1.0-9-amd64", "6.1.0-56-amd64"}) {
      tree.file("boot/vmlinuz-" + version, "kernel " + version, 0644);
      tree.file("boot/initrd.img-" + version, "initrd " + version, 0644);
    }
    return tree;
  }

  private BootDisk boot(String configuration) throws Exception {
    return new TestDisk(temporary)
        .ext4(tree().file("boot/grub/grub.cfg", configuration, 0644))
        .find();
  }

  @Test
  void theFirstEntryOfDebiansMenuIsRead() throws Exception {
    BootDisk found = boot(DEBIAN.replace("DEFAULT", "0"));

    assertThat(found.origin()).isEqualTo("'Debian GNU/Linux' in /boot/grub/grub.cfg of /dev/vda1");
    assertThat(found.kernel().path()).isEqualTo("/boot/vmlinuz-6.1.0-56-amd64");
    assertThat(found.initrds().getFirst().path()).isEqualTo("/boot/initrd.img-6.1.0-56-amd64");
    assertThat(found.commandLine())
        .isEqualTo("root=UUID=12345678-0000-4000-8000-000000000001 ro quiet");
  }

  @ParameterizedTest
  @CsvSource({
    "1, second",
    "1>1, single",
    "gnulinux-advanced-1>gnulinux-6.1.0-9-recovery-1, single",
    "'Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-56-amd64', second",
    "gnulinux-simple-1, quiet",
    "no such entry, quiet",
    ">, quiet",
    "77, quiet"
  })
  void theDefaultIsANumberAnIdOrATitleAndMayLeadIntoASubmenu(String wanted, String word)
      throws Exception {
    assertThat(boot(DEBIAN.replace("DEFAULT", wanted)).commandLine().split(" ")).contains(word);
  }

  @Test
  void whatGrubSavedIsTheDefaultThatAsksForIt() throws Exception {
    String block = "# GRUB Environment Block\nsaved_entry=gnulinux-advanced-1>1\n######";
    BootDisk found =
        new TestDisk(temporary)
            .ext4(
                tree()
                    .file("boot/grub/grub.cfg", DEBIAN.replace("DEFAULT", "${saved_entry}"), 0644)
                    .file("boot/grub/grubenv", block, 0644))
            .find();

    assertThat(found.commandLine()).contains("single");
  }

  @Test
  void theKernelOfABootPartitionIsFoundByTheIdOfItsFileSystem() throws Exception {
    String menu =
        """
        menuentry "a" {
          set root='hd0,gpt9'
          search --no-floppy --fs-uuid --set=root --hint-bios=hd0,gpt1 12345678-0000-4000-8000-000000000001
          linux /vmlinuz-6.1 root=/dev/vda2 ro
        }
        """;
    BootDisk found =
        new TestDisk(temporary)
            .ext4(FileTree.builder().file("vmlinuz-6.1", "kernel", 0644))
            .ext4(TestDisk.root().file("boot/grub/grub.cfg", menu, 0644))
            .find();

    assertThat(found.kernel().device()).isEqualTo("/dev/vda1");
  }

  @Test
  void fedorasMenuTakesItsEntriesFromTheLoadersDirectory() throws Exception {
    String menu =
        """
        load_env -f ${config_directory}/grubenv
        if [ -z "${kernelopts}" ]; then
          set kernelopts="root=UUID=1 ro "
        fi
        set default="${saved_entry}"
        insmod blscfg
        blscfg
        """;
    FileTree.Builder tree =
        tree()
            .file("boot/grub2/grub.cfg", menu, 0644)
            .file(
                "boot/grub2/grubenv",
                "saved_entry=one\nkernelopts=root=/dev/vda1 rw from env\n",
                0644);
    for (String name : new String[] {"one", "two"}) {
      tree.file(
          "boot/loader/entries/" + name + ".conf",
          "linux /boot/vmlinuz-6.1.0-9-amd64\noptions $kernelopts $tuned_params " + name + "\n",
          0644);
    }

    BootDisk found = new TestDisk(temporary).ext4(tree).find();

    assertThat(found.commandLine()).isEqualTo("root=/dev/vda1 rw from env one");
  }

  @Test
  void quotesVariablesAndEscapesAreThoseOfTheShell() throws Exception {
    BootDisk found =
        boot(
            """
            a='x  y'; b="1$a\\"2"
            set list="p q"
            menuentry "t" { # a comment
              linux /boot/vmlinuz-6.1.0-9-amd64 "$b" $list${nothing} \\
                '$a' c\\ d "" root=x
              initrd /boot/initrd.img-6.1.0-9-amd64 /boot/initrd.img-6.1.0-56-amd64
            }
            """);

    assertThat(found.commandLine()).isEqualTo("1x  y\"2 p q $a c d  root=x");
    assertThat(found.initrds()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "if sleep 3; then linux /x; fi; menuentry a { echo } | what boots depends on 'sleep 3'",
        "if [ 1 -eq x ]; then set default=1; fi | what boots depends on '[ 1 -eq x ]'",
        "for i in 1 2; do menuentry $i { linux /x; }; done | a 'for' loop decides what boots",
        "menuentry a { chainloader +1; } | the command 'chainloader +1' is not understood here",
        "menuentry a { echo; } | the default entry 'a' starts no Linux",
        "menuentry a { linux /gone; } | it names /gone, which is not on /dev/vda1",
        "menuentry a { linux (hd1,gpt1)/x; } | it takes /x from hd1,gpt1, which is not on this disk",
        "menuentry a { search --label x; } | the command 'search --label x' is not understood",
        "menuentry a { search -u 77; linux /x; } | it takes /x from the file system with the id 77",
        "menuentry 'a | line 1 has a quote that never ends",
        "if true; then linux /x | it ends in the middle of a statement",
        "a | b | is not understood here",
        "function f { linux /x; }; f | it names /x, which is not on /dev/vda1",
        "function f { f; set root=x; }; f | the function 'f' calls itself"
      })
  void whatIsNotUnderstoodIsNamed(String line) {
    int bar = line.lastIndexOf(" | ");
    assertThatThrownBy(() -> boot(line.substring(0, bar)))
        .isInstanceOf(NoKernelException.class)
        .hasMessageStartingWith("/boot/grub/grub.cfg of /dev/vda1: ")
        .hasMessageContaining(line.substring(bar + 3))
        .hasMessageEndingWith("; name a kernel with -k");
  }

  @Test
  void commandsWithoutAMenuAreTheEntry() throws Exception {
    BootDisk found = boot("linux /boot/vmlinuz-6.1.0-9-amd64 root=/dev/vda1 rw\nboot\n");

    assertThat(found.origin()).isEqualTo("/boot/grub/grub.cfg of /dev/vda1");
    assertThat(found.commandLine()).isEqualTo("root=/dev/vda1 rw");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing here\n", "set timeout=5\n"})
  void aFileWithoutEntriesLeavesTheChoiceToOthers(String configuration) throws Exception {
    assertThat(boot(configuration).origin()).isEqualTo("the newest of 2 kernels in /boot/");
  }

  @Test
  @Timeout(120)
  void noDamageToAMenuGivesAnythingButAnAnswerOrASentence() throws Exception {
    Random random = new Random(11);
    new TestDisk(temporary).ext4(tree());
    String alphabet = "{}'\"$\\;\n #[]=>";
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
      StringBuilder text = new StringBuilder(DEBIAN);
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, c);
          case 1 -> text.deleteCharAt(at);
          default -> text.insert(at, c);
        }
      }
      refused += refuses(text.toString()) ? 1 : 0;
    }
    assertThat(refused).isBetween(100, 2900);
  }

  private boolean refuses(String configuration) throws Exception {
    try (FileChannel channel = FileChannel.open(temporary.resolve("partition1"))) {
      DiskSource disk = DiskSource.raw(channel);
      Volumes volumes = Volumes.of(disk, "/dev/vda");
      GrubConfig.readText(
          volumes,
          volumes.readable().getFirst(),
          "/boot/grub",
          configuration.getBytes(StandardCharsets.UTF_8));
      return false;
    } catch (NoKernelException e) {
      assertThat(e.getMessage()).doesNotContain("\n");
      return true;
    }
  }
}
