package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Kernel;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Linux's own drivers for the HPET and the console table. */
@ExtendWith(PackagesRequired.class)
class EventTimersTest {
  @TempDir Path directory;

  private MachineConfig config(String script) {
    Kernel kernel = Guests.kernel();
    return Guests.machine(kernel.vmlinuz(), Guests.scriptInitrd(directory, script));
  }

  /** With noapictimer nothing but the HPET or the PIT can be the clock event device. */
  @Test
  void linuxTakesItsTicksFromTheEventTimersAndReadsTheirCounterAsAClock() throws Exception {
    Run run =
        Run.of(
            config(
                    """
                    dmesg | grep -i hpet
                    cat /sys/devices/system/clocksource/clocksource0/available_clocksource
                    grep 'Clock Event Device' /proc/timer_list
                    echo hpet > /sys/devices/system/clocksource/clocksource0/current_clocksource
                    a=$(cut -d' ' -f1 /proc/uptime); sleep 2; b=$(cut -d' ' -f1 /proc/uptime)
                    echo "SLEPT $(echo $a $b | awk '{ print int(($2 - $1) * 10) }')"
                    echo "CLOCK $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
                    poweroff -f
                    """)
                .withCommandLine("console=ttyS0 panic=-1 noapictimer"));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("hpet0: 3 comparators, 64-bit 100.000000 MHz counter")
        .contains("Clock Event Device: hpet")
        .contains("CLOCK hpet");
    Matcher slept = Pattern.compile("SLEPT (\\d+)").matcher(run.console());
    assertThat(slept.find()).as(run::tail).isTrue();
    assertThat(Integer.parseInt(slept.group(1))).as("tenths of a second").isBetween(20, 22);
  }

  /** "earlycon" without a device asks the SPCR. */
  @Test
  void linuxFindsItsEarlyConsoleByTheConsoleTable() throws Exception {
    Run run = Run.of(config("poweroff -f\n").withCommandLine("console=ttyS0 panic=-1 earlycon"));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("ACPI: SPCR: console: uart,io,0x3f8,115200")
        .contains("bootconsole [uart0] enabled");
  }
}
