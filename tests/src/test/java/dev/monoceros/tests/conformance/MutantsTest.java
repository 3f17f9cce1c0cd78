package dev.monoceros.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * A device that violates a rule fails a test that carries the rule's number. The same tests pass,
 * loaded the same way, on the device as it is.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MutantsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SLOWER = 10;

  private final List<ProvingTest> tests = ModuleClasses.provingTests();
  private final Map<ProvingTest, Duration> usual = new HashMap<>();
  private final WorkerProcess worker = new WorkerProcess();

  @BeforeAll
  void theDeviceAsItIsPassesEveryTest() throws IOException {
    // The first test pays for what is loaded once.
    worker.run(MutantWorker.UNCHANGED, tests.getFirst().id(), PATIENCE);
    for (ProvingTest test : tests) {
      long start = System.nanoTime();
      String answer = worker.run(MutantWorker.UNCHANGED, test.id(), PATIENCE);
      usual.put(test, Duration.ofNanos(System.nanoTime() - start));
      assertThat(answer).as(test.shortName()).isEqualTo(MutantWorker.PASSED);
    }
    tests.sort(Comparator.comparing(usual::get));
  }

  @AfterAll
  void stopTheWorker() {
    worker.close();
  }

  @TestFactory
  Stream<DynamicTest> aViolationOfTheRuleFailsItsTest() {
    return Checklist.mutants().stream()
        .map(
            mutant ->
                DynamicTest.dynamicTest(
                    "%s: %s".formatted(mutant.id(), mutant.sentence()), () -> isKilled(mutant)));
  }

  private void isKilled(Mutant mutant) throws IOException {
    for (ProvingTest test : tests) {
      if (test.proves(mutant.rule())) {
        String answer = worker.run(mutant.id(), test.id(), patienceWith(test));
        if (answer.startsWith(MutantWorker.FAILED) || answer.startsWith(WorkerProcess.GONE)) {
          return;
        }
        assertThat(answer).as(test.shortName()).isEqualTo(MutantWorker.PASSED);
      }
    }
    fail("no test of rule %d notices that %s", mutant.rule(), mutant.sentence());
  }

  /** A mutant hangs if its test takes much longer than usual, however slow this host is. */
  private Duration patienceWith(ProvingTest test) {
    return usual.get(test).multipliedBy(SLOWER).plusSeconds(5);
  }
}
