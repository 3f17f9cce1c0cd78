package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.MachineConfig.ExpectThen;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.ChildJvm;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.ProcessUse;
import dev.monoceros.tests.support.Run;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One JVM after a hundred machines is as it was after a few. */
@ExtendWith(PackagesRequired.class)
class ManyBootsTest {
  /** By then classes are loaded, code is compiled, and allocators have their arenas. */
  private static final int FIRST = 30;

  private static final int ALL = 100;

  /** A twentieth of a guest's RAM; for what the compilers still do. */
  private static final long TOLERANCE_KIB = 12 * 1024;

  private static final String FIRST_LINE = "to the first line";

  @TempDir Path directory;

  @Test
  @Timeout(600)
  void aHundredBootsToTheFirstLineLeaveNothingBehind() throws Exception {
    requireNoGrowth(FIRST_LINE);
  }

  @Test
  @Tag("long")
  @Timeout(3600)
  void aHundredRunsOfTheReferenceWorkloadLeaveNothingBehind() throws Exception {
    requireNoGrowth("to the end");
  }

  private void requireNoGrowth(String how) throws Exception {
    List<String> command =
        new ArrayList<>(ChildJvm.command(ManyBootsTest.class, directory.toString(), how));
    // So that the Java heap is the same at both times.
    command.addAll(1, List.of("-Xms256m", "-XX:+AlwaysPreTouch"));
    Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
    child.getOutputStream().close();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    System.out.print(said);
  }

  /** Boots, in a JVM of its own. */
  public static void main(String[] arguments) throws Exception {
    MachineConfig config = Guests.w1(Path.of(arguments[0]));
    if (arguments[1].equals(FIRST_LINE)) {
      config = config.withExpect(Pattern.compile("Linux version"), ExpectThen.POWEROFF);
    }
    ProcessUse early = null;
    for (int boot = 1; boot <= ALL; boot++) {
      Run run = Run.of(config);
      assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
      if (boot == FIRST) {
        early = ProcessUse.now();
      }
    }
    ProcessUse late = ProcessUse.now();
    System.out.printf("%d boots %s: %s%n%d boots: %s%n", FIRST, arguments[1], early, ALL, late);
    assertThat(late.threads()).as("threads").isLessThanOrEqualTo(early.threads());
    assertThat(late.descriptors()).as("descriptors").isEqualTo(early.descriptors());
    assertThat(late.mappings()).as("mappings").isLessThanOrEqualTo(early.mappings() + 8);
    assertThat(late.residentKib() - early.residentKib())
        .as("resident KiB, from %s to %s", early, late)
        .isLessThan(TOLERANCE_KIB);
  }
}
