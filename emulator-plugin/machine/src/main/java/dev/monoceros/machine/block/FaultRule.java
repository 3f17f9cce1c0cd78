package dev.monoceros.machine.block;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A fault to be injected into a disk, written {@code OPERATION:EFFECT[@WHEN]...}:
 *
 * <pre>
 * read:error@17             the 17th read fails
 * write:torn@5-8            the 5th to 8th write store only some of their first sectors, and fail
 * flush:error@2-            every flush from the 2nd on fails
 * read:delay=5ms@every:10   each 10th read takes 5 ms longer
 * any:error@p0.01           one in a hundred operations fails
 * write:error@sector:100-199@p0.5
 * </pre>
 *
 * <p>Operations are counted from 1 on, those that the rule is for. Several conditions must hold
 * together; without one it is every operation.
 *
 * @param operation which ones
 * @param effect what becomes of them
 * @param conditions when
 */
public record FaultRule(Operation operation, Effect effect, List<Condition> conditions) {
  /** What a disk is asked to do. */
  public enum Operation {
    READ,
    WRITE,
    FLUSH,
    DISCARD,
    /** Write zeroes. */
    ZERO,
    /** Secure erasure. */
    ERASE,
    /** All of them. */
    ANY;

    boolean covers(Operation other) {
      return this == ANY || this == other;
    }

    /** Whether there is something to be stored in part. */
    boolean stores() {
      return this == WRITE || this == ZERO || this == ERASE || this == ANY;
    }
  }

  /** What becomes of an operation. */
  public sealed interface Effect {
    /** It fails and changes nothing. */
    record Error() implements Effect {}

    /**
     * Of what it stores only a number of whole sectors from the start on is stored, fewer than
     * there are, and it fails. An operation that stores nothing is left alone.
     */
    record Torn() implements Effect {}

    /**
     * It takes longer.
     *
     * @param nanos of virtual time
     */
    record Delay(long nanos) implements Effect {}
  }

  /** When a rule applies. */
  public sealed interface Condition {
    /** The operations numbered so, counted from 1 on; {@code last} may be the highest long. */
    record Number(long first, long last) implements Condition {}

    /** Each so many-th. */
    record Every(long count) implements Condition {}

    /** Those that touch one of the sectors, of 512 bytes; a flush touches none. */
    record Sectors(long first, long last) implements Condition {}

    /** By chance, that is by the plan's seed. */
    record Probability(double value) implements Condition {}
  }

  /** Reads lengths of time. */
  @FunctionalInterface
  public interface Duration {
    /**
     * Ns of virtual time.
     *
     * @throws IllegalArgumentException with one sentence
     */
    long parse(String text);
  }

  private static final long LONGEST_DELAY = 3_600_000_000_000L;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,18})(?:(-)(\\d{1,18})?)?");
  private static final Pattern CHANCE = Pattern.compile("p(0(?:\\.\\d{1,17})?|1(?:\\.0{1,17})?)");
  private static final String EVERY = "every:";
  private static final String SECTOR = "sector:";
  private static final String DELAY = "delay=";

  /** Refuses what cannot be with an {@link IllegalArgumentException}. */
  public FaultRule {
    conditions = List.copyOf(conditions);
    if (effect instanceof Effect.Torn && !operation.stores()) {
      throw new IllegalArgumentException("only write, zero, erase and any can be torn");
    }
    if (effect instanceof Effect.Delay(long nanos) && (nanos < 1 || nanos > LONGEST_DELAY)) {
      throw new IllegalArgumentException("an injected delay is at most an hour");
    }
  }

  /**
   * Reads a rule.
   *
   * @throws IllegalArgumentException with one sentence, if it cannot be understood
   */
  public static FaultRule parse(String text, Duration duration) {
    int colon = text.indexOf(':');
    String[] parts = text.substring(colon + 1).split("@", -1);
    if (colon < 0) {
      throw new IllegalArgumentException(
          "the fault '" + text + "' is not of the form OPERATION:EFFECT[@WHEN]...");
    }
    return new FaultRule(
        operation(text.substring(0, colon)),
        effect(parts[0], duration),
        List.of(parts).subList(1, parts.length).stream().map(FaultRule::condition).toList());
  }

  private static Operation operation(String text) {
    for (Operation operation : Operation.values()) {
      if (word(operation).equals(text)) {
        return operation;
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no operation: there are read, write, flush, discard, zero, erase, any");
  }

  private static Effect effect(String text, Duration duration) {
    if (text.startsWith(DELAY)) {
      return new Effect.Delay(duration.parse(text.substring(DELAY.length())));
    }
    return switch (text) {
      case "error" -> new Effect.Error();
      case "torn" -> new Effect.Torn();
      default ->
          throw new IllegalArgumentException(
              "'" + text + "' is no fault: there are error, torn and delay=TIME");
    };
  }

  private static Condition condition(String text) {
    Matcher chance = CHANCE.matcher(text);
    if (chance.matches()) {
      return new Condition.Probability(Double.parseDouble(chance.group(1)));
    }
    if (text.startsWith(EVERY)) {
      long[] range = range(text, text.substring(EVERY.length()));
      if (range[0] >= 1 && range[0] == range[1]) {
        return new Condition.Every(range[0]);
      }
      throw unknown(text);
    }
    if (text.startsWith(SECTOR)) {
      long[] range = range(text, text.substring(SECTOR.length()));
      return new Condition.Sectors(range[0], range[1]);
    }
    long[] range = range(text, text);
    if (range[0] < 1) {
      throw new IllegalArgumentException("operations are counted from 1 on");
    }
    return new Condition.Number(range[0], range[1]);
  }

  private static long[] range(String whole, String text) {
    Matcher matcher = RANGE.matcher(text);
    if (!matcher.matches()) {
      throw unknown(whole);
    }
    long first = Long.parseLong(matcher.group(1));
    if (matcher.group(2) == null) {
      return new long[] {first, first};
    }
    long last = matcher.group(3) == null ? Long.MAX_VALUE : Long.parseLong(matcher.group(3));
    if (last < first) {
      throw unknown(whole);
    }
    return new long[] {first, last};
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "'"
            + text
            + "' says not when: there are N, N-M, N-, every:N, sector:N-M and p0.01 for a chance");
  }

  /** The rule as {@link #parse} reads it. */
  public String text() {
    String what =
        switch (effect) {
          case Effect.Error() -> "error";
          case Effect.Torn() -> "torn";
          case Effect.Delay(long nanos) -> DELAY + nanos + "ns";
        };
    return word(operation)
        + ":"
        + what
        + conditions.stream().map(c -> "@" + text(c)).collect(Collectors.joining());
  }

  private static String text(Condition condition) {
    return switch (condition) {
      case Condition.Number(long first, long last) -> rangeText(first, last);
      case Condition.Every(long count) -> EVERY + count;
      case Condition.Sectors(long first, long last) -> SECTOR + rangeText(first, last);
      case Condition.Probability(double value) ->
          "p" + java.math.BigDecimal.valueOf(value).toPlainString();
    };
  }

  private static String rangeText(long first, long last) {
    if (first == last) {
      return Long.toString(first);
    }
    return first + "-" + (last == Long.MAX_VALUE ? "" : Long.toString(last));
  }

  private static String word(Operation operation) {
    return operation.name().toLowerCase(Locale.ROOT);
  }
}
