package dev.monoceros.tests.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The rules and the mutants as the resource files list them. */
final class Checklist {
  private static final String RULES = "/conformance/rules.txt";
  private static final String MUTANTS = "/conformance/mutants.txt";

  private Checklist() {}

  /** All rules, in order of their numbers. */
  static List<Rule> rules() {
    List<Rule> rules = new ArrayList<>();
    for (String line : lines(RULES)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] fields = line.split(" \\| ", 4);
        rules.add(
            new Rule(
                Integer.parseInt(fields[0]), Rule.Force.valueOf(fields[1]), fields[2], fields[3]));
      }
    }
    return rules;
  }

  /** All mutants, in the order of the file. */
  static List<Mutant> mutants() {
    return new MutantReader().read(lines(MUTANTS));
  }

  private static List<String> lines(String resource) {
    try (InputStream in = Checklist.class.getResourceAsStream(resource)) {
      return new String(Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads
   *
   * <pre>
   * 43 virtio/pci/InterruptRouter.java: what the mutant does wrong
   * - text to replace, over as many lines as it takes
   * + what stands there instead; no such line: nothing does
   * </pre>
   */
  private static final class MutantReader {
    private final List<Mutant> mutants = new ArrayList<>();
    private final Map<Integer, Integer> countByRule = new HashMap<>();
    private final StringBuilder find = new StringBuilder();
    private final StringBuilder replacement = new StringBuilder();
    private final List<Mutant.Edit> edits = new ArrayList<>();
    private String header;

    List<Mutant> read(List<String> lines) {
      for (String line : lines) {
        if (line.startsWith("-")) {
          if (!replacement.isEmpty()) {
            finishEdit();
          }
          find.append(line.substring(1)).append('\n');
        } else if (line.startsWith("+")) {
          replacement.append(line.substring(1)).append('\n');
        } else if (!line.isBlank() && !line.startsWith("#")) {
          finish();
          header = line;
        }
      }
      finish();
      return mutants;
    }

    private void finishEdit() {
      edits.add(new Mutant.Edit(find.toString(), replacement.toString().stripTrailing()));
      find.setLength(0);
      replacement.setLength(0);
    }

    private void finish() {
      if (header == null) {
        return;
      }
      int space = header.indexOf(' ');
      int colon = header.indexOf(": ");
      if (space < 0 || colon < space || find.isEmpty()) {
        throw new IllegalStateException("not a mutant: " + header);
      }
      finishEdit();
      int rule = Integer.parseInt(header.substring(0, space));
      int ordinal = countByRule.merge(rule, 1, Integer::sum);
      mutants.add(
          new Mutant(
              rule,
              ordinal,
              header.substring(space + 1, colon),
              header.substring(colon + 2),
              List.copyOf(edits)));
      header = null;
      edits.clear();
    }
  }
}
