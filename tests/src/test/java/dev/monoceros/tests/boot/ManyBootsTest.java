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
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** One JVM after a hundred machines is as it was after a few. */
@ExtendWith(PackagesRequired.class)
class ManyBootsTest {
  private static final int ALL = 100;

  /** Boots between two looks; before the first one classes are loaded and code is compiled. */
  private static final int STRIDE = 20;

  /** A five-hundredth of a guest's RAM a boot, for what the JVM's own allocator does. */
  private static final long TOLERANCE_KIB = STRIDE * 100;

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
    List<ProcessUse> looks = new ArrayList<>();
    for (int boot = 1; boot <= ALL; boot++) {
      Run run = Run.of(config);
      assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
      if (boot % STRIDE == 0) {
        looks.add(ProcessUse.now());
        System.out.printf("%d boots %s: %s%n", boot, arguments[1], looks.getLast());
      }
    }
    // What leaks does so in every stretch; a compiler at work does not.
    assertThat(leastGrowth(looks, ProcessUse::threads)).as("threads").isNotPositive();
    assertThat(leastGrowth(looks, ProcessUse::descriptors)).as("descriptors").isNotPositive();
    assertThat(leastGrowth(looks, ProcessUse::mappings)).as("mappings").isNotPositive();
    assertThat(leastGrowth(looks, ProcessUse::residentKib))
        .as("resident KiB")
        .isLessThan(TOLERANCE_KIB);
  }

  private static long leastGrowth(List<ProcessUse> looks, ToLongFunction<ProcessUse> what) {
    return IntStream.range(1, looks.size())
        .mapToLong(i -> what.applyAsLong(looks.get(i)) - what.applyAsLong(looks.get(i - 1)))
        .min()
        .orElseThrow();
  }
}
