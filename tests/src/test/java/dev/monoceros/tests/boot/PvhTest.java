package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.monoceros.images.disk.DemoDisk;
import dev.monoceros.images.disk.DiskTarget;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.boot.BootProtocol;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.QemuGuest;
import dev.monoceros.tests.support.Run;
import dev.monoceros.tests.support.UnpackedKernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's kernel, entered at the point that its PVH note gives; QEMU boots a vmlinux no other way.
 */
@ExtendWith(PackagesRequired.class)
@Timeout(300)
class PvhTest {
  private static final String SCRIPT = "echo UP-$(uname -r); poweroff -f\n";

  @TempDir Path directory;
  private Path vmlinux;

  @BeforeEach
  void unpack() throws IOException {
    vmlinux = UnpackedKernel.write(Guests.kernel().vmlinuz(), directory.resolve("vmlinux"));
  }

  @Test
  void aVmlinuxReachesItsRootOnTheDiskThroughItsPvhEntry() throws Exception {
    Path disk = directory.resolve("demo.qcow2");
    DemoDisk.build(
        Guests.cache(), Guests.modules(Guests.kernel()), "by PVH", disk, DiskTarget::qcow2);

    Run run =
        Run.of(
            Guests.machine(vmlinux, Guests.rootInitrd(Guests.kernel(), directory))
                .withBoot(BootProtocol.PVH)
                .withCommandLine("console=ttyS0 panic=-1 root=/dev/vda1")
                .withDisks(List.of(DiskSpec.of(disk))));

    assertThat(run.console())
        .as(run::tail)
        .contains("Linux version " + Guests.kernel().release(), "DEMO-OK by PVH", "DEMO-BOOT 1")
        .doesNotContain("Call Trace");
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
  }

  @Test
  void theKernelInsideABzImageHasTheNoteTooAndTheRunRepeats() throws Exception {
    MachineConfig config =
        Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, SCRIPT))
            .withBoot(BootProtocol.PVH);

    Run run = Run.of(config);

    assertThat(run.console()).as(run::tail).contains("UP-" + Guests.kernel().release());
    assertThat(Run.of(config)).isEqualTo(run);
  }

  @Test
  void qemuBootsTheSameFileAndRefusesItWithoutTheNoteAsWeDo() throws Exception {
    Path initrd = Guests.scriptInitrd(directory, SCRIPT);

    assertThat(qemu(vmlinux, initrd)).contains("UP-" + Guests.kernel().release());

    Path bare = Files.write(directory.resolve("bare"), withoutNote(Files.readAllBytes(vmlinux)));
    assertThat(qemu(bare, initrd))
        .contains("Error loading uncompressed kernel without PVH ELF Note");
    assertThatThrownBy(() -> Run.of(Guests.machine(bare, initrd).withBoot(BootProtocol.PVH)))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("has no PVH entry point (the ELF note XEN_ELFNOTE_PHYS32_ENTRY)");
  }

  /** Gives the note XEN_ELFNOTE_PHYS32_ENTRY, type 18, a type that nobody knows. */
  private static byte[] withoutNote(byte[] elf) {
    ByteBuffer file = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
    int name =
        ByteBuffer.wrap("Xen\0".getBytes(StandardCharsets.US_ASCII))
            .order(ByteOrder.LITTLE_ENDIAN)
            .getInt();
    int changed = 0;
    for (int at = 12; at + 4 <= elf.length; at += 4) {
      if (file.getInt(at) == name && file.getInt(at - 12) == 4 && file.getInt(at - 4) == 18) {
        file.putInt(at - 4, 0x7fff);
        changed++;
      }
    }
    assertThat(changed).as("notes of that type").isEqualTo(1);
    return elf;
  }

  private static String qemu(Path kernel, Path initrd) throws Exception {
    return QemuGuest.run(
        "pc",
        List.of(
            "-m",
            "256",
            "-kernel",
            kernel.toString(),
            "-initrd",
            initrd.toString(),
            "-append",
            "console=ttyS0 panic=-1"));
  }
}
