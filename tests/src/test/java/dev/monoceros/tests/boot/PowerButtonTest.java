package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.Machine;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Linux's own drivers for the power button, the NMI button and the panic port. */
@ExtendWith(PackagesRequired.class)
@Timeout(300)
class PowerButtonTest {
  /** EV_KEY, KEY_POWER, pressed, as in linux/input-event-codes.h. */
  private static final String PRESSED = "0001 0074 0001 0000";

  private static final String LISTEN =
      """
      grep -h 'Power Button' /proc/bus/input/devices
      exec 3< /dev/input/event0
      echo READY-FOR-BUTTON
      echo "EVENT $(dd bs=24 count=1 <&3 2>/dev/null | od -An -tx2 -j16)"
      poweroff -f
      """;

  @TempDir Path directory;

  private MachineConfig config() {
    return Guests.machine(
        Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, LISTEN, "button", "evdev"));
  }

  /** Runs and calls {@code press} when the guest is ready. */
  private static Run run(MachineConfig config, Consumer<Machine> press) throws Exception {
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    Machine[] running = new Machine[1];
    boolean[] pressed = new boolean[1];
    try (Machine machine =
        Machine.open(
            config,
            b -> {
              heard.write(b);
              if (b == '\n' && !pressed[0] && text(heard).contains("READY-FOR-BUTTON")) {
                pressed[0] = true;
                press.accept(running[0]);
              }
            },
            ConsoleSource.empty())) {
      running[0] = machine;
      RunResult result = machine.run();
      return new Run(result, heard.toByteArray());
    }
  }

  private static String text(ByteArrayOutputStream heard) {
    return heard.toString(StandardCharsets.ISO_8859_1);
  }

  @Test
  void pressedByTheScriptItIsTheSameRunEveryTime() throws Exception {
    Run one = run(config(), Machine::pressPowerButton);

    assertThat(one.result().verdict()).as(one::tail).isEqualTo(Verdict.PASS);
    assertThat(one.console()).contains("Power Button", "EVENT  " + PRESSED);
    assertThat(run(config(), Machine::pressPowerButton)).isEqualTo(one);
  }

  @Test
  void pressedByAnotherThreadItReachesTheGuestSoon() throws Exception {
    Run run = run(config(), machine -> Thread.ofPlatform().start(machine::pressPowerButton));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console()).contains("EVENT  " + PRESSED);
  }

  @Test
  void anNmiMakesABusyLinuxTellWhereItIs() throws Exception {
    String busy = "echo READY-FOR-BUTTON\nwhile :; do :; done\n";
    MachineConfig config =
        Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, busy))
            .withCommandLine("console=ttyS0 panic=-1 unknown_nmi_panic");

    Run one = run(config, Machine::injectNmi);

    assertThat(one.result().verdict()).as(one::tail).isEqualTo(Verdict.PANIC);
    assertThat(one.console()).contains("NMI received for unknown reason", "Comm: init");
    assertThat(run(config, Machine::injectNmi)).isEqualTo(one);
  }

  @Test
  void linuxReportsItsPanicThroughThePanicPort() throws Exception {
    MachineConfig config =
        Guests.machine(
                Guests.kernel().vmlinuz(),
                Guests.scriptInitrd(directory, "echo c > /proc/sysrq-trigger\n", "pvpanic-mmio"))
            .withCommandLine("console=ttyS0 panic=0");

    Run run = Run.of(config);

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PANIC);
    assertThat(run.result().detail()).contains("sysrq triggered crash");
    assertThat(run.console()).as("ended by the port").doesNotContain("---[ end Kernel panic");
  }
}
