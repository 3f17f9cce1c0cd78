package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.HostLoad;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** W1: a busybox initramfs that loads drivers, forks, hashes, sorts and reboots. */
@ExtendWith(PackagesRequired.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReferenceWorkloadTest {
  /** What md5sum says of 20 MiB of zeroes; from md5sum itself. */
  private static final String MD5_OF_20_MIB_OF_ZEROES = "8f4e33f3dc3e414ff94e5fb6905cba8c";

  private MachineConfig w1;
  private Run first;

  @BeforeAll
  void runOnce(@TempDir Path directory) throws Exception {
    w1 = Guests.w1(directory);
    first = Run.of(w1);
  }

  @Test
  void runsToItsReboot() {
    assertThat(first.console())
        .as(first::tail)
        .contains(
            "Linux version " + Guests.kernel().release(),
            "loaded virtio_blk",
            "forked 200",
            MD5_OF_20_MIB_OF_ZEROES + "  -",
            "\n20000\r\n",
            "TEST-DONE",
            "reboot: Restarting system");
    assertThat(first.result().verdict()).as(first::tail).isEqualTo(Verdict.PASS);
    assertThat(first.result().boots()).isEqualTo(1);
    assertThat(first.result().consoleBytes()).isEqualTo(first.bytes().length);
    assertThat(first.result().library()).isEqualTo(Guests.REFERENCE);
    assertThat(first.result().deterministic()).isTrue();
  }

  @Test
  void theKernelFindsNothingWrong() {
    assertThat(first.console())
        .doesNotContain("WARNING:", "BUG:", "Call Trace", "rcu_sched", "soft lockup", "Oops");
  }

  @Test
  void theCountersShowARealRun() {
    var cpu = first.result().cpu();
    assertThat(cpu.systemCalls()).as("system calls of 200 forks and more").isGreaterThan(2_000);
    assertThat(cpu.pageFaults()).isBetween(10_000L, cpu.exceptions());
    assertThat(cpu.interrupts()).as("timer and serial port").isGreaterThan(200);
    assertThat(cpu.tlbFills()).isGreaterThan(cpu.pageFaults());
    assertThat(cpu.codeBytes()).as("md5 of 20 MiB alone").isGreaterThan(500_000_000);
    assertThat(first.result().virtualNanos()).isGreaterThan(1_000_000_000L);
    assertThat(first.result().disks()).isEmpty();
  }

  @Test
  void aSecondAndAThirdRunGiveTheSameConsoleAndCounters() throws Exception {
    assertThat(Run.of(w1)).isEqualTo(first);
    assertThat(Run.of(w1)).isEqualTo(first);
  }

  @Test
  void aLoadedHostChangesNothing() throws Exception {
    try (HostLoad load = HostLoad.onAllCores()) {
      assertThat(Run.of(w1)).isEqualTo(first);
      assertThat(load.worked()).as("the host was loaded").isTrue();
    }
  }

  @Test
  void twoMachinesSideBySideInOneJvmDoNotDisturbEachOther() throws Exception {
    FutureTask<Run> beside = new FutureTask<>(() -> Run.of(w1));
    Thread thread = Thread.ofPlatform().start(beside);

    assertThat(Run.of(w1)).isEqualTo(first);
    assertThat(beside.get()).isEqualTo(first);
    thread.join();
  }

  @Test
  void memoryAboveTheDeviceHoleIsFoundAndUsed() throws Exception {
    Run run = Run.of(w1.withMemoryBytes(5L << 30));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("BIOS-e820: [mem 0x0000000100000000-0x000000015fffffff] usable", "TEST-DONE");
  }

  @Test
  void anotherSeedGivesAnotherRunOfTheSameWorkload() throws Exception {
    Run other = Run.of(w1.withSeed(1));

    assertThat(other.result().verdict()).as(other::tail).isEqualTo(Verdict.PASS);
    assertThat(other.result().cpu()).isNotEqualTo(first.result().cpu());
  }

  @Test
  void theOtherLibraryRunsItTooAndIsNotCalledDeterministic() throws Exception {
    Run other = Run.of(w1.withLibraries(List.of(Guests.library(Guests.ALTERNATIVE))));

    assertThat(other.result().verdict()).as(other::tail).isEqualTo(Verdict.PASS);
    assertThat(other.console()).contains(MD5_OF_20_MIB_OF_ZEROES + "  -", "TEST-DONE");
    assertThat(other.result().library()).isEqualTo(Guests.ALTERNATIVE);
    assertThat(other.result().deterministic()).isFalse();
  }
}
