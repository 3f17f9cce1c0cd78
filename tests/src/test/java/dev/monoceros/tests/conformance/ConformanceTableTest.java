package dev.monoceros.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every rule of the checklist has a test and a mutant, and the page in docs says which. */
class ConformanceTableTest {
  private static final Path PAGE = DeviceSources.repository().resolve("docs/virtio-conformance.md");

  /** Rules whose features or tests are still to come; the list may only shrink. */
  private static final Set<Integer> TO_COME = Set.of();

  private final ConformanceTable table = ConformanceTable.ofThisBuild();

  @Test
  void everyRuleHasATestAndAMutant() {
    Set<Integer> unproven =
        table.rules().stream()
            .filter(rule -> table.testsOf(rule).isEmpty() || table.mutantsOf(rule).isEmpty())
            .map(Rule::number)
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(unproven).isEqualTo(new TreeSet<>(TO_COME));
  }

  @Test
  void testsAndMutantsCarryNumbersOfTheChecklist() {
    Set<Integer> numbers = table.rules().stream().map(Rule::number).collect(Collectors.toSet());
    assertThat(numbers).hasSameSizeAs(table.rules());
    assertThat(table.tests()).allMatch(test -> numbers.containsAll(test.rules()));
    assertThat(table.mutants()).allMatch(mutant -> numbers.contains(mutant.rule()));
  }

  @Test
  void thePageInDocsIsWhatRulesTestsAndMutantsSay() throws IOException {
    if (System.getProperty(ConformanceTable.WRITE) != null) {
      Files.writeString(PAGE, table.page());
    }
    assertThat(PAGE)
        .as("write it anew with -D%s, see its head", ConformanceTable.WRITE)
        .hasContent(table.page());
  }
}
