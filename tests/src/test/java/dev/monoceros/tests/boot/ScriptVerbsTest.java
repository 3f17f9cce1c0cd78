package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.ConsoleScript;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a script does to Linux besides typing. */
@ExtendWith(PackagesRequired.class)
@Timeout(300)
class ScriptVerbsTest {
  @TempDir Path directory;

  private MachineConfig config(String guest, String script, String... drivers) throws Exception {
    return Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, guest, drivers))
        .withScript(ConsoleScript.parse(script, Long::parseLong));
  }

  @Test
  void aBreakMakesASysRqOfTheNextByteAndOfNoOther() throws Exception {
    MachineConfig config =
        config(
            """
            echo 1 > /proc/sys/kernel/sysrq
            echo READY; read line; echo "READ <$line>"; poweroff -f
            """,
            """
            expect READY
            break
            send h\\c
            expect sysrq: HELP : .*show-task-states
            send hello
            expect READ <hello>
            """);

    Run run = Run.of(config);

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(Run.of(config)).as("a script with a break repeats").isEqualTo(run);
  }

  @Test
  void thePowerButtonIsPressedForTheGuestToSee() throws Exception {
    Run run =
        Run.of(
            config(
                """
                exec 3< /dev/input/event0
                echo LISTENING
                dd bs=24 count=1 <&3 2>/dev/null | od -An -tx2 -j16
                poweroff -f
                """,
                "expect LISTENING\npower-button\nexpect 0001 0074 0001\n",
                "button",
                "evdev"));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
  }

  @Test
  void anUnwantedLineEndsTheRunAndIsNamed() throws Exception {
    Run run =
        Run.of(
            config(
                "echo all is lost; sleep 1; poweroff -f\n", "abort is (lost|bad)\nexpect end\n"));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.NO_MARKER);
    assertThat(run.result().detail()).contains("line 1, abort is (lost|bad)");
    assertThat(run.console()).doesNotContain("Power down");
  }
}
