package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.Images;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import dev.monoceros.tests.support.SystemdWorkload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** W2: a whole Debian with systemd, whose answers are those of QEMU. */
@ExtendWith(PackagesRequired.class)
@Tag("long")
@Timeout(1200)
class SystemdWorkloadTest {
  private static final Pattern ANSWER = Pattern.compile("(?:PY|PERL) [0-9a-f]+(?: \\d+)?");

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {Guests.REFERENCE, Guests.ALTERNATIVE})
  void anInitramfsWithSystemdRunsToItsEndOnBothLibraries(String version) throws Exception {
    Run run = Run.of(initramfs().withLibraries(List.of(Guests.library(version))));

    requireDone(run);
  }

  @Test
  void theSameSystemRunsFromADiskAndLeavesItClean() throws Exception {
    Path disk = Files.copy(SystemdWorkload.disk(), directory.resolve("w2.qcow2"));
    disk.toFile().setWritable(true);

    Run run = Run.of(disk(disk));

    requireDone(run);
    Images.requireClean(disk);
  }

  @Test
  void itRepeatsToTheBit() throws Exception {
    Run first = Run.of(initramfs());
    Run second = Run.of(initramfs());

    assertThat(second).isEqualTo(first);
  }

  @Test
  void qemuGivesTheSameAnswers() throws Exception {
    Path kernel = Guests.kernel().vmlinuz();
    String said =
        Images.output(
            Guests.oracles().qemuSystem(),
            "-M",
            "pc,accel=tcg",
            "-cpu",
            "Nehalem",
            "-m",
            Integer.toString(SystemdWorkload.MEMORY_MIB),
            "-nographic",
            "-no-reboot",
            "-nic",
            "none",
            "-kernel",
            kernel.toString(),
            "-initrd",
            SystemdWorkload.initramfs().toString(),
            "-append",
            SystemdWorkload.INITRAMFS_COMMAND_LINE);

    assertThat(ANSWER.matcher(said).results().map(one -> one.group()))
        .containsExactlyElementsOf(SystemdWorkload.ANSWERS);
  }

  private static MachineConfig initramfs() {
    return Guests.machine(Guests.kernel().vmlinuz(), SystemdWorkload.initramfs())
        .withMemoryBytes((long) SystemdWorkload.MEMORY_MIB << 20)
        .withCommandLine(SystemdWorkload.INITRAMFS_COMMAND_LINE);
  }

  private MachineConfig disk(Path disk) {
    return Guests.machine(Guests.kernel().vmlinuz(), Guests.rootInitrd(Guests.kernel(), directory))
        .withMemoryBytes((long) SystemdWorkload.MEMORY_MIB << 20)
        .withCommandLine(SystemdWorkload.DISK_COMMAND_LINE)
        .withDisks(List.of(DiskSpec.of(disk)));
  }

  private static void requireDone(Run run) {
    assertThat(run.console().lines().map(String::strip)).as(run::tail).contains("running");
    assertThat(ANSWER.matcher(run.console()).results().map(one -> one.group()))
        .as(run::tail)
        .containsExactlyElementsOf(SystemdWorkload.ANSWERS);
    assertThat(run.console())
        .as(run::tail)
        .contains("GOTSEGV", "after", SystemdWorkload.DONE)
        .doesNotContain("FAILED", "Call Trace", "BUG:", "Oops");
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
  }
}
