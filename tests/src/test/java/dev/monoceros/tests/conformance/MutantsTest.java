package dev.monoceros.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
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

  private final WorkerPool workers = new WorkerPool();

  /** Tests in order of how long they take on the device as it is. */
  private final Map<ProvingTest, Duration> usual = new LinkedHashMap<>();

  /** A test's answer for the device as it is, and how long that took. */
  private record Timed(ProvingTest test, String answer, Duration duration) {}

  @BeforeAll
  void theDeviceAsItIsPassesEveryTest() throws Exception {
    List<ProvingTest> tests = ModuleClasses.provingTests();
    // What a worker loads once is not to be charged to the test that happens to be its first.
    WorkerPool.results(workers.onEach(worker -> timed(worker, tests.getFirst())));
    List<Future<Timed>> runs =
        tests.stream().map(test -> workers.submit(worker -> timed(worker, test))).toList();
    List<Timed> all = WorkerPool.results(runs);
    assertThat(all).allMatch(run -> run.answer().equals(MutantWorker.PASSED));
    all.stream()
        .sorted(Comparator.comparing(Timed::duration))
        .forEach(run -> usual.put(run.test(), run.duration()));
  }

  private static Timed timed(WorkerProcess worker, ProvingTest test) throws Exception {
    long start = System.nanoTime();
    String answer = worker.run(MutantWorker.UNCHANGED, test.id(), PATIENCE);
    return new Timed(test, answer, Duration.ofNanos(System.nanoTime() - start));
  }

  @AfterAll
  void stopTheWorkers() {
    workers.close();
  }

  @TestFactory
  Stream<DynamicTest> aViolationOfTheRuleFailsItsTest() {
    Map<Mutant, Future<String>> runs = new LinkedHashMap<>();
    Checklist.mutants()
        .forEach(mutant -> runs.put(mutant, workers.submit(worker -> hunt(worker, mutant))));
    return runs.entrySet().stream()
        .map(
            run ->
                DynamicTest.dynamicTest(
                    "%s: %s".formatted(run.getKey().id(), run.getKey().sentence()),
                    () -> isFoundOut(run.getKey(), run.getValue().get())));
  }

  /** The answer of the first test of the rule that does not pass, or of the last that does. */
  private String hunt(WorkerProcess worker, Mutant mutant) throws Exception {
    String answer = "no test";
    for (ProvingTest test : usual.keySet()) {
      if (test.proves(mutant.rule())) {
        answer = worker.run(mutant.id(), test.id(), patienceWith(test));
        if (!answer.equals(MutantWorker.PASSED)) {
          return answer;
        }
      }
    }
    return answer;
  }

  private static void isFoundOut(Mutant mutant, String answer) {
    assertThat(answer)
        .as("tests of rule %d where %s", mutant.rule(), mutant.sentence())
        .matches(
            found -> found.startsWith(MutantWorker.FAILED) || found.startsWith(WorkerProcess.GONE),
            "one of them fails");
  }

  /** A mutant hangs if its test works much longer than usual, however slow this host is. */
  private Duration patienceWith(ProvingTest test) {
    return usual.get(test).multipliedBy(SLOWER).plusSeconds(5);
  }
}
