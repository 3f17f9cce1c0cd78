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
import org.junit.jupiter.api.Test;
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

  @ParameterizedTest(name = "{0} MiB")
  @ValueSource(longs = {6_144, 8_192})
  void linuxFindsAsMuchAsUnderQemu(long mebibytes) throws Exception {
    Peers said = peers(mebibytes);

    assertThat(total(said.ours().console()))
        .as(said.ours()::tail)
        .isCloseTo(total(said.theirs()), within(1024L));
  }

  /**
   * Debian's bzImage asks for more (its header's init_size). The vmlinux in it starts, finds all of
   * it, and dies of its own size, here as there.
   */
  @Test
  void machineOf64MibEndsAsUnderQemu() throws Exception {
    Peers said = peers(64);

    assertThat(managed(said.ours().console()))
        .as(said.ours()::tail)
        .isCloseTo(managed(said.theirs()), within(1024L));
    String end = "Kernel panic - not syncing: System is deadlocked on memory";
    assertThat(said.ours().console()).contains(end);
    assertThat(said.theirs()).contains(end);
    assertThat(said.ours().result().verdict()).isEqualTo(Verdict.PANIC);
  }

  private record Peers(Run ours, String theirs) {}

  private Peers peers(long mebibytes) throws Exception {
    Path vmlinux = UnpackedKernel.write(Guests.kernel().vmlinuz(), directory.resolve("vmlinux"));
    Path initrd = Guests.scriptInitrd(directory, "grep MemTotal /proc/meminfo; poweroff -f\n");
    List<String> options =
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
            "console=ttyS0 panic=-1");
    return new Peers(
        Run.of(Guests.machine(vmlinux, initrd).withMemoryBytes(mebibytes * MIB)),
        QemuGuest.run("q35", options));
  }

  /** MemTotal, KiB. */
  private static long total(String console) {
    return number("MemTotal: +(\\d+) kB", console);
  }

  /** What the kernel manages, itself included, KiB. */
  private static long managed(String console) {
    return number("Memory: \\d+K/(\\d+)K available", console);
  }

  private static long number(String pattern, String console) {
    Matcher found = Pattern.compile(pattern).matcher(console);
    assertThat(found.find()).as(console).isTrue();
    return Long.parseLong(found.group(1));
  }
}
