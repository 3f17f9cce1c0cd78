package dev.monoceros.cli.directory;

import dev.monoceros.machine.chipset.ConsoleSink;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Hears what the agent says on its serial line: {@code run}, {@code fail TEXT}, {@code copied N
 * STATUS}, {@code exit STATUS}, a line each. Anything else is ignored, for the guest's root can
 * write there, too.
 */
final class AgentChannel implements ConsoleSink {
  private static final int LONGEST_LINE = 400;
  private static final int LARGEST_STATUS = 255;

  private final Consumer<String> over;
  private final StringBuilder line = new StringBuilder();
  private final SortedMap<Integer, Integer> copies = new TreeMap<>();
  private boolean started;
  private Integer status;
  private String failure;

  /**
   * A channel.
   *
   * @param over told once, when the agent has no more to say, what happened
   */
  AgentChannel(Consumer<String> over) {
    this.over = over;
  }

  @Override
  public void write(int b) {
    if (isOver()) {
      return;
    }
    if (b != '\n') {
      if (line.length() < LONGEST_LINE) {
        line.append((char) b);
      }
      return;
    }
    String said = line.toString().strip();
    line.setLength(0);
    hear(said.split(" ", 2)[0], said.contains(" ") ? said.split(" ", 2)[1] : "");
  }

  private void hear(String word, String rest) {
    switch (word) {
      case "run" -> started = true;
      case "fail" -> {
        failure = new String(rest.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        over.accept("the agent in the guest failed: " + failure);
      }
      case "copied" -> {
        if (rest.matches("\\d{1,2} \\d{1,3}")) {
          String[] numbers = rest.split(" ");
          copies.putIfAbsent(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
        }
      }
      case "exit" -> {
        if (rest.matches("\\d{1,3}") && Integer.parseInt(rest) <= LARGEST_STATUS) {
          status = Integer.parseInt(rest);
          over.accept("the command ended with status " + status);
        }
      }
      default -> {
        // not for us
      }
    }
  }

  private boolean isOver() {
    return status != null || failure != null;
  }

  /** Whether the command was started. */
  boolean started() {
    return started;
  }

  /** The command's status, if it ended. */
  OptionalInt status() {
    return status == null ? OptionalInt.empty() : OptionalInt.of(status);
  }

  /** Why there was no command, if so. */
  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  /** What became of each copy: 0 there, 1 not there, else it could not be read whole. */
  Map<Integer, Integer> copies() {
    return copies;
  }
}
