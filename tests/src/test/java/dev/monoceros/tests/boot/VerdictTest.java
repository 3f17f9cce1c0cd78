package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineConfig.ExpectThen;
import dev.monoceros.machine.MachineConfig.OnReset;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.tests.support.BareProgram;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How runs end, shown by programs of a few instructions that end in just one way. */
@ExtendWith(PackagesRequired.class)
class VerdictTest {
  private static final long MILLISECOND = 1_000_000;
  private static final String PANIC_LINE =
      "[    0.123456] Kernel panic - not syncing: VFS: no root";

  @TempDir Path directory;

  private MachineConfig config(BareProgram program) {
    return MachineConfig.of(program.write(directory, "program"))
        .withMemoryBytes(MachineConfig.LEAST_MEMORY)
        .withLibraries(List.of(Guests.library(Guests.REFERENCE)));
  }

  private static RunResult run(MachineConfig config) throws Exception {
    return Run.of(config).result();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 111, 255})
  void aWriteToTheDebugExitPortEndsTheRunWithItsValue(int value) throws Exception {
    RunResult result = run(config(BareProgram.program().debugExit(value).loopForEver()));

    assertThat(result.verdict()).isEqualTo(Verdict.DEBUG_EXIT);
    assertThat(result.debugExit()).isEqualTo(OptionalInt.of(value));
    assertThat(result.detail()).contains(Integer.toString(value));
  }

  @Test
  void powerOffByAcpiIsAPass() throws Exception {
    RunResult result = run(config(BareProgram.program().powerOff().loopForEver()));

    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.detail()).contains("powered off");
    assertThat(result.debugExit()).isEmpty();
  }

  @Test
  void aReportedPanicEndsTheRunAtOnceUnlessTheExpectedLineWasSeen() throws Exception {
    BareProgram program = BareProgram.program().print("marker").out(0x505, 1, 1).loopForEver();

    RunResult result = run(config(program));
    assertThat(result.verdict()).isEqualTo(Verdict.PANIC);
    assertThat(result.detail()).contains("reported a panic");
    Pattern marker = Pattern.compile("marker");
    assertThat(run(config(program).withExpect(marker, ExpectThen.CONTINUE)).verdict())
        .isEqualTo(Verdict.PASS);
    Pattern other = Pattern.compile("something else");
    assertThat(run(config(program).withExpect(other, ExpectThen.CONTINUE)).verdict())
        .isEqualTo(Verdict.PANIC);
  }

  @Test
  void aHaltWithoutInterruptsIsAHang() throws Exception {
    RunResult result = run(config(BareProgram.program().haltForGood()));

    assertThat(result.verdict()).isEqualTo(Verdict.HANG);
    assertThat(result.detail()).contains("interrupts disabled");
  }

  @Test
  void aShutdownOfTheCpuThatNoKernelAnnouncedIsATripleFault() throws Exception {
    RunResult result = run(config(BareProgram.program().tripleFault()));

    assertThat(result.verdict()).isEqualTo(Verdict.TRIPLE_FAULT);
  }

  @Test
  void aTripleFaultAfterTheKernelsRestartLineIsAPass() throws Exception {
    RunResult result =
        run(
            config(
                BareProgram.program()
                    .print("[    7.065733] reboot: machine restart")
                    .tripleFault()));

    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void theLimitOfVirtualTimeIsATimeoutAtThatTime() throws Exception {
    long limit = 20 * MILLISECOND;
    RunResult result = run(config(BareProgram.program().loopForEver()).withMaxVirtualNanos(limit));

    assertThat(result.verdict()).isEqualTo(Verdict.TIMEOUT);
    assertThat(result.virtualNanos()).isBetween(limit, limit + 1000);
  }

  @Test
  void aStopFromAnotherThreadEndsALoop() throws Exception {
    MachineConfig config = config(BareProgram.program().print("up").loopForEver());
    Thread[] stopper = new Thread[1];
    Machine[] running = new Machine[1];
    try (Machine machine =
        Machine.open(
            config,
            b -> {
              if (b == '\n') {
                stopper[0] =
                    Thread.ofPlatform()
                        .start(() -> running[0].stop(Verdict.TIMEOUT, "the test had enough"));
              }
            },
            ConsoleSource.empty())) {
      running[0] = machine;
      RunResult result = machine.run();
      stopper[0].join();

      assertThat(result.verdict()).isEqualTo(Verdict.TIMEOUT);
      assertThat(result.detail()).isEqualTo("the test had enough");
    }
  }

  @Test
  void aResetEndsTheRunUnlessItIsToBeFollowed() throws Exception {
    RunResult result = run(config(BareProgram.program().print("up").reset().loopForEver()));

    assertThat(result.verdict()).isEqualTo(Verdict.PASS);
    assertThat(result.detail()).contains("reset");
    assertThat(result.boots()).isEqualTo(1);
  }

  @Test
  void followedResetsStartAgainWhileVirtualTimeGoesOn() throws Exception {
    Run run =
        Run.of(
            config(
                    BareProgram.program()
                        .print("up")
                        .spin((int) (10 * MILLISECOND))
                        .reset()
                        .loopForEver())
                .withOnReset(OnReset.REBOOT)
                .withMaxVirtualNanos(35 * MILLISECOND));

    assertThat(run.console()).isEqualTo("up\nup\nup\nup\n");
    assertThat(run.result().boots()).isEqualTo(4);
    assertThat(run.result().verdict()).isEqualTo(Verdict.TIMEOUT);
    assertThat(run.result().virtualNanos()).isBetween(35 * MILLISECOND, 35 * MILLISECOND + 1000);
  }

  @Test
  void aFollowedTripleFaultStartsAgainToo() throws Exception {
    Run run =
        Run.of(
            config(BareProgram.program().print("up").spin((int) MILLISECOND).tripleFault())
                .withOnReset(OnReset.REBOOT)
                .withMaxVirtualNanos(2 * MILLISECOND + MILLISECOND / 2));

    assertThat(run.result().boots()).isEqualTo(3);
    assertThat(run.result().verdict()).isEqualTo(Verdict.TIMEOUT);
  }

  @Test
  void theKernelsPanicLineMakesEveryEndAPanic() throws Exception {
    assertThat(run(config(BareProgram.program().print(PANIC_LINE).powerOff())))
        .extracting(RunResult::verdict, RunResult::detail)
        .containsExactly(Verdict.PANIC, "the guest's kernel panicked: VFS: no root");
    assertThat(run(config(BareProgram.program().print(PANIC_LINE).reset().loopForEver())).verdict())
        .isEqualTo(Verdict.PANIC);
  }

  @Test
  void aPanicThatBreaksIntoAProgramsLineIsAPanicAllTheSame() throws Exception {
    RunResult result =
        run(config(BareProgram.program().print("cannot write to the " + PANIC_LINE).powerOff()));

    assertThat(result.verdict()).isEqualTo(Verdict.PANIC);
    assertThat(result.detail()).isEqualTo("the guest's kernel panicked: VFS: no root");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Kernel panic - not syncing: only words",
        "[    0.123456] a program says: Kernel panic - not syncing: only words",
        "[0.1] Kernel panic - not syncing: only words"
      })
  void wordsThatAreNotInTheKernelsFormatAreNoPanic(String words) throws Exception {
    assertThat(run(config(BareProgram.program().print(words).powerOff())).verdict())
        .isEqualTo(Verdict.PASS);
  }

  @Test
  void theExpectedLineEndsTheRunAtOnce() throws Exception {
    Run run =
        Run.of(
            config(
                    BareProgram.program()
                        .print("one")
                        .print("READY 7")
                        .spin(1000)
                        .print("two")
                        .loopForEver())
                .withExpect(Pattern.compile("^READY \\d$"), ExpectThen.POWEROFF));

    assertThat(run.result().verdict()).isEqualTo(Verdict.PASS);
    assertThat(run.console()).startsWith("one\nREADY 7").doesNotContain("two");
  }

  @Test
  void afterTheExpectedLineTheRunMayGoOnToItsOwnEnd() throws Exception {
    Run run =
        Run.of(
            config(BareProgram.program().print("READY").print("two").powerOff())
                .withExpect(Pattern.compile("READY"), ExpectThen.CONTINUE));

    assertThat(run.result().verdict()).isEqualTo(Verdict.PASS);
    assertThat(run.console()).isEqualTo("READY\ntwo\n");
  }

  @Test
  void aRunWithoutTheExpectedLineIsNoPass() throws Exception {
    MachineConfig config =
        config(BareProgram.program().print("almost READY").powerOff())
            .withExpect(Pattern.compile("^READY"), ExpectThen.POWEROFF);

    assertThat(run(config).verdict()).isEqualTo(Verdict.NO_MARKER);
  }

  @Test
  void manyMachinesOneAfterTheOtherInOneJvmAllRepeat() throws Exception {
    MachineConfig config = config(BareProgram.program().print("up").spin(4000).powerOff());
    Run first = Run.of(config);
    for (int i = 0; i < 10; i++) {
      assertThat(Run.of(config)).isEqualTo(first);
    }
    assertThat(first.result().deterministic()).isTrue();
  }
}
