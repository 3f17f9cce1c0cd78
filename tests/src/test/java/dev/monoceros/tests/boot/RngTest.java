package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.virtio.RandomStream;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Linux's own virtio_rng on the entropy device. */
@ExtendWith(PackagesRequired.class)
class RngTest {
  private static final int STREAM = 1 << 16;

  @TempDir Path directory;

  private MachineConfig config(DiskSpec.Transport transport) {
    return Guests.machine(
            Guests.kernel().vmlinuz(),
            Guests.scriptInitrd(
                directory,
                """
                cat /sys/class/misc/hw_random/rng_current
                mknod /dev/hwrng c 10 183 2>/dev/null
                dd if=/dev/hwrng bs=16 count=4 2>/dev/null | od -An -tx1 -v | tr -d ' \\n'; echo
                dd if=/dev/hwrng bs=4096 count=4 2>/dev/null | wc -c
                poweroff -f
                """,
                "virtio_pci",
                "virtio_mmio",
                "virtio_rng"))
        .withRng(transport);
  }

  private static String words(Run run) {
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(run.console()).contains("virtio_rng.0\r\n", "16384\r\n");
    return run.console()
        .lines()
        .filter(line -> line.matches("[0-9a-f]{128}\r?"))
        .findFirst()
        .orElseThrow()
        .strip();
  }

  @ParameterizedTest
  @EnumSource
  void readsGiveTheBytesOfTheSeedInEveryRunAndOthersOfAnotherSeed(DiskSpec.Transport transport)
      throws Exception {
    Run run = Run.of(config(transport));
    byte[] stream = new byte[STREAM];
    new RandomStream(0).fill(MemorySegment.ofArray(stream));

    assertThat(HexFormat.of().formatHex(stream))
        .as("what the guest reads is a piece of the documented stream")
        .contains(words(run).substring(0, 32));
    assertThat(Run.of(config(transport))).isEqualTo(run);
    assertThat(words(Run.of(config(transport).withSeed(7)))).isNotEqualTo(words(run));
  }
}
