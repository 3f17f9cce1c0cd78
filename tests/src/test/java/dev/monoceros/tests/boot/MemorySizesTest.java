package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.QemuGuest;
import dev.monoceros.tests.support.Run;
import dev.monoceros.tests.support.UnpackedKernel;
import java.nio.file.Path;
import java.util.List;
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
    assertThat(total(run.console()) / 1024).isBetween(mebibytes * 9 / 10 - 48, mebibytes);
  }

  /**
   * The least memory that a machine is asked to have. Debian's bzImage wants more (its header's
   * init_size), and under QEMU says nothing at all; the vmlinux in it does not.
   */
  @ParameterizedTest(name = "{0} MiB")
  @ValueSource(longs = {64, 6_144, 8_192})
  void linuxFindsAsMuchAsUnderQemu(long mebibytes) throws Exception {
    Path vmlinux = UnpackedKernel.write(Guests.kernel().vmlinuz(), directory.resolve("vmlinux"));
    Path initrd = Guests.scriptInitrd(directory, "grep MemTotal /proc/meminfo; poweroff -f\n");

    Run run = Run.of(Guests.machine(vmlinux, initrd).withMemoryBytes(mebibytes * MIB));
    String theirs =
        QemuGuest.run(
            "q35",
            List.of(
                "-cpu",
                "Nehalem",
                "-m",
                Long.toString(mebibytes),
                "-kernel",
                vmlinux.toString(),
                "-initrd",
                initrd.toString(),
                "-append",
                "console=ttyS0 panic=-1"));

    assertThat(total(run.console())).as(run::tail).isCloseTo(total(theirs), within(1024L));
  }

  /** MemTotal, KiB. */
  private static long total(String console) {
    Matcher total = Pattern.compile("MemTotal: +(\\d+) kB").matcher(console);
    assertThat(total.find()).as(console).isTrue();
    return Long.parseLong(total.group(1));
  }
}
