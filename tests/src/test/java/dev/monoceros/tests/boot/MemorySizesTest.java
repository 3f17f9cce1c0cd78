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
 * RAM of every size is all there, with the hole below 4 GiB. From 4 GiB on Linux takes its page
 * tables from above the hole, so that CR3 needs more than 32 bits. The least here is little more
 * than the 68 MiB that Debian's kernel asks for in its header.
 */
@ExtendWith(PackagesRequired.class)
class MemorySizesTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  @ParameterizedTest(name = "{0} MiB")
  @ValueSource(longs = {96, 3_584, 4_096, 8_192})
  void linuxFindsAndUsesAllOfIt(long mebibytes) throws Exception {
    String script =
        """
        grep MemTotal /proc/meminfo
        dd if=/dev/zero of=/tmp/file bs=1M count=8 2>/dev/null && echo "SUM $(md5sum < /tmp/file)"
        i=0; while [ $i -lt 20 ]; do /bin/busybox true & i=$((i+1)); done; wait; echo FORKED
        poweroff -f
        """;
    Run run =
        Run.of(
            Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, script))
                .withMemoryBytes(mebibytes * MIB));

    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console())
        .contains("SUM 96995b58d4cbf6aaa9041b4f00c7f6ae", "FORKED")
        .doesNotContain("Call Trace", "BUG:", "Oops");
    Matcher total = Pattern.compile("MemTotal: +(\\d+) kB").matcher(run.console());
    assertThat(total.find()).as(run::tail).isTrue();
    long found = Long.parseLong(total.group(1)) / 1024;
    assertThat(found).isBetween(mebibytes * 9 / 10 - 48, mebibytes);
  }
}
