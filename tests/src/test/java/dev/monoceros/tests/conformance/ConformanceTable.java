package dev.monoceros.tests.conformance;

import java.util.List;
import java.util.stream.Collectors;

/** The table of docs/virtio-conformance.md: every rule with its tests and its mutants. */
record ConformanceTable(List<Rule> rules, List<ProvingTest> tests, List<Mutant> mutants) {
  static final String WRITE = "conformance.write";

  private static final String BREAK = "<br>";
  private static final String HEAD =
      """
      # Virtio conformance

      What a virtio block device on PCI must do, by virtio 1.2 (sections in brackets), and what proves that ours does. The tests carry the numbers (annotation `Must`). Each mutant is our device with one small change that violates the rule; the build makes them all and requires, for each, that a test of the rule fails (`MutantsTest`; the changes are in `tests/src/test/resources/conformance/mutants.txt`).

      This page is made from the tests. After a change of rules, tests or mutants write it anew:

          mvn verify -pl tests -am -Dtest=ConformanceTableTest -Dsurefire.failIfNoSpecifiedTests=false -D%s

      | # | The device | Tests | Mutants, all found out |
      |--:|---|---|---|
      """;

  static ConformanceTable ofThisBuild() {
    return new ConformanceTable(
        Checklist.rules(), ModuleClasses.provingTests(), Checklist.mutants());
  }

  List<ProvingTest> testsOf(Rule rule) {
    return tests.stream().filter(test -> test.proves(rule.number())).toList();
  }

  List<Mutant> mutantsOf(Rule rule) {
    return mutants.stream().filter(mutant -> mutant.rule() == rule.number()).toList();
  }

  /** The whole page. */
  String page() {
    return rules.stream()
        .map(this::row)
        .collect(Collectors.joining("\n", HEAD.formatted(WRITE), "\n"));
  }

  private String row(Rule rule) {
    String proofs =
        testsOf(rule).stream().map(ProvingTest::shortName).collect(Collectors.joining(BREAK));
    String violations =
        mutantsOf(rule).stream()
            .map(mutant -> mutant.ordinal() + ") " + mutant.sentence())
            .collect(Collectors.joining(BREAK));
    return "| %d | %s: %s [%s] | %s | %s |"
        .formatted(
            rule.number(), rule.force().words(), rule.text(), rule.section(), proofs, violations);
  }
}
