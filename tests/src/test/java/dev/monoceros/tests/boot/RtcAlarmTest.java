package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Linux's rtc-cmos on IRQ 8: driven by the clock's own alarm interrupt, and by timer 1 of the HPET
 * in its place.
 */
@ExtendWith(PackagesRequired.class)
class RtcAlarmTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"hpet=disable", ""})
  void anAlarmAskedOfLinuxGoesOffByAnInterruptAfterItsTime(String option) throws Exception {
    String script =
        """
        echo "CLOCK $(cat /sys/class/rtc/rtc0/name) $(cat /sys/class/rtc/rtc0/date)"
        alarm=/sys/class/rtc/rtc0/wakealarm
        a=$(cut -d' ' -f1 /proc/uptime)
        echo +4 > $alarm && echo "ASKED $(cat $alarm)"
        while [ -n "$(cat $alarm)" ]; do sleep 0.1; done
        b=$(cut -d' ' -f1 /proc/uptime)
        echo "WAITED $(echo $a $b | awk '{ print int(($2 - $1) * 10) }')"
        grep rtc0 /proc/interrupts
        poweroff -f
        """;
    Run run =
        Run.of(
            Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, script))
                .withCommandLine("console=ttyS0 panic=-1 " + option));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("ASKED 17672256")
        .containsPattern("CLOCK rtc_cmos \\S+ 2026-01-01")
        .containsPattern("8: +[1-9]\\d* .*rtc0");
    Matcher waited = Pattern.compile("WAITED (\\d+)").matcher(run.console());
    assertThat(waited.find()).as(run::tail).isTrue();
    assertThat(Integer.parseInt(waited.group(1))).as("tenths of a second").isBetween(29, 52);
  }
}
