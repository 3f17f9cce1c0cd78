package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.images.Kernel;
import dev.monoceros.images.Suite;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Other stock kernels of Debian, unmodified. Packages of some 100 MB each, so in the long build.
 */
@ExtendWith(PackagesRequired.class)
@Tag("long")
class KernelsTest {
  private static final long MEMORY = 512L << 20;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "BOOKWORM, cloud-amd64, 6.1.",
    "BOOKWORM, amd64, 6.1.",
    "TRIXIE, cloud-amd64, 6.12.",
    "TRIXIE, amd64, 6.12."
  })
  void runsTheReferenceWorkload(Suite suite, String flavour, String version) throws Exception {
    Kernel kernel = Guests.cache().kernel(suite, flavour);
    MachineConfig config =
        Guests.machine(kernel.vmlinuz(), Guests.w1Initrd(kernel, directory))
            .withCommandLine(Guests.W1_COMMAND_LINE)
            .withMemoryBytes(MEMORY);

    Run run = Run.of(config);

    assertThat(kernel.release()).startsWith(version);
    assertThat(run.console())
        .as(run::tail)
        .contains("Linux version " + kernel.release(), "INIT-UP", "forked 200", "TEST-DONE")
        .doesNotContain("Call Trace", "BUG:", "Oops");
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
  }
}
