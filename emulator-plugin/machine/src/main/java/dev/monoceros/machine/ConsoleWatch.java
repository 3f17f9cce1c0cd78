package dev.monoceros.machine;

import dev.monoceros.machine.chipset.ConsoleSink;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads the guest's console along: the line that is waited for, and what the kernel itself says
 * about its end. Only messages in the kernel's own format count (a time stamp in brackets), so that
 * a program that prints the words does not look like a panic. Such a message may begin in the
 * middle of a line, for the kernel does not wait until a program has finished its own.
 */
final class ConsoleWatch implements ConsoleSink {
  private static final Pattern PANIC =
      Pattern.compile("\\[ *\\d+\\.\\d{6}](?:\\[ *[TC]\\d+])? Kernel panic - not syncing: (.*)");
  private static final Pattern ENDING =
      Pattern.compile(
          "\\[ *\\d+\\.\\d{6}](?:\\[ *[TC]\\d+])? reboot: "
              + "(?:Power off not available: )?"
              + "(Restarting system|machine restart|Power down|System halted).*");

  /** Longer lines are matched by their last part only. */
  private static final int LONGEST_LINE = 4096;

  private final ConsoleSink next;
  private final Optional<Pattern> expected;
  private final Runnable seen;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long bytes;
  private boolean expectedSeen;
  private String panic;
  private String ending;

  ConsoleWatch(ConsoleSink next, Optional<Pattern> expected, Runnable seen) {
    this.next = next;
    this.expected = expected;
    this.seen = seen;
  }

  @Override
  public void write(int b) {
    next.write(b);
    bytes++;
    if (b == '\n') {
      endLine();
      return;
    }
    if (line.size() >= LONGEST_LINE) {
      line.reset();
    }
    if (b != '\r') {
      line.write(b);
      matchExpected();
    }
  }

  private String text() {
    return line.toString(StandardCharsets.UTF_8);
  }

  private void matchExpected() {
    if (expected.isPresent() && !expectedSeen && expected.get().matcher(text()).find()) {
      expectedSeen = true;
      seen.run();
    }
  }

  private void endLine() {
    String text = text();
    line.reset();
    var panicked = PANIC.matcher(text);
    if (panicked.find() && panic == null) {
      panic = panicked.group(1);
    }
    var ended = ENDING.matcher(text);
    if (ended.find()) {
      ending = ended.group(1);
    }
  }

  /** A new boot: what the last kernel said of its end no longer counts. */
  void restarted() {
    ending = null;
    line.reset();
  }

  long bytes() {
    return bytes;
  }

  boolean expectedSeen() {
    return expectedSeen;
  }

  /** What the kernel said when it panicked. */
  Optional<String> panic() {
    return Optional.ofNullable(panic);
  }

  /** How the kernel announced its own end: restart, power down, halt. */
  Optional<String> ending() {
    return Optional.ofNullable(ending);
  }
}
