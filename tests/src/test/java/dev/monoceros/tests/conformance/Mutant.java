package dev.monoceros.tests.conformance;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A small change of one source file that makes the device violate a rule.
 *
 * @param rule number of the violated rule
 * @param ordinal 1 for the first mutant of the rule, and so on
 * @param file the source file: {@code virtio/...} or {@code machine/...}
 * @param sentence what the mutant does wrong
 * @param edits the changes, usually one
 */
record Mutant(int rule, int ordinal, String file, String sentence, List<Edit> edits) {

  /** Both numbers: what the mutant is called by. */
  String id() {
    return rule + "." + ordinal;
  }

  /**
   * The mutated source.
   *
   * @throws IllegalStateException if a text to replace is not there exactly once
   */
  String applyTo(String source) {
    String changed = source;
    for (Edit edit : edits) {
      changed = edit.applyTo(changed, "mutant %s of %s: ".formatted(id(), file));
    }
    return changed;
  }

  /**
   * One change.
   *
   * @param find the text to replace; white space and comments in the source do not matter
   * @param replacement what stands there instead
   */
  record Edit(String find, String replacement) {
    private static final String BETWEEN = "(?:\\s|//[^\\n]*)+";

    private String applyTo(String source, String who) {
      String words =
          Arrays.stream(find.strip().split("\\s+"))
              .map(Pattern::quote)
              .collect(Collectors.joining(BETWEEN));
      Matcher matcher = Pattern.compile(words).matcher(source);
      if (!matcher.find()) {
        throw new IllegalStateException(who + "there is no text: " + find.strip());
      }
      int start = matcher.start();
      int end = matcher.end();
      if (matcher.find()) {
        throw new IllegalStateException(who + "this text is there twice: " + find.strip());
      }
      return source.substring(0, start) + replacement + source.substring(end);
    }
  }
}
