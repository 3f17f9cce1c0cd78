package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** How a Linux guest's own end is judged. */
@ExtendWith(PackagesRequired.class)
class LinuxEndingsTest {
  @TempDir Path directory;

  private MachineConfig script(String script) {
    return Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, script));
  }

  @Test
  void aKernelWithoutARootFileSystemPanics() throws Exception {
    MachineConfig bare =
        Guests.machine(Guests.kernel().vmlinuz(), directory).withInitrds(List.of());

    Run run = Run.of(bare);

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PANIC);
    assertThat(run.result().detail()).contains("VFS: Unable to mount root fs");
    assertThat(run.console()).contains("Kernel panic - not syncing: VFS: Unable to mount root fs");
  }

  @Test
  void anInitThatEndsIsAPanic() throws Exception {
    Run run = Run.of(script("exit 3\n"));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PANIC);
    assertThat(run.result().detail()).contains("Attempted to kill init! exitcode=0x00000300");
  }

  @Test
  void powerOffIsAPassWhateverAProgramSaysOfPanics() throws Exception {
    Run run = Run.of(script("echo 'Kernel panic - not syncing: only words'\npoweroff -f\n"));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.result().detail()).contains("powered off");
    assertThat(run.console()).contains("only words", "reboot: Power down");
  }

  @Test
  void haltIsAPassBecauseTheKernelSaysSo() throws Exception {
    Run run = Run.of(script("halt -f\n"));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.result().detail()).contains("halted");
    assertThat(run.console()).contains("reboot: System halted");
  }

  @Test
  void aGuestThatSleepsForEverRunsIntoTheLimitOfVirtualTimeQuickly() throws Exception {
    long tenMinutes = 600_000_000_000L;
    Run run = Run.of(script("echo SLEEPING\nsleep 1000000\n").withMaxVirtualNanos(tenMinutes));

    assertThat(run.console()).contains("SLEEPING");
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.TIMEOUT);
    assertThat(run.result().virtualNanos()).isBetween(tenMinutes, tenMinutes + 10_000_000);
  }
}
