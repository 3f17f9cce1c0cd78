package dev.monoceros.qcow.graph;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * What the nodes of a graph are given besides their options.
 *
 * @param throttleGroups that a {@code throttle} driver may name
 * @param clock monotonic time in nanoseconds, for throttling
 * @param sleeper waits so many nanoseconds, for throttling and for {@code latency-ns}
 * @param warnings told what QEMU would warn of, without "warning: "
 * @param breakpoints at events of {@code blkdebug}
 */
public record GraphOptions(
    List<ThrottleGroup> throttleGroups,
    LongSupplier clock,
    LongConsumer sleeper,
    Consumer<String> warnings,
    Optional<Breakpoints> breakpoints) {
  public GraphOptions {
    throttleGroups = List.copyOf(throttleGroups);
  }

  /** No throttle groups, no time, no warnings, no breakpoints. */
  public static GraphOptions defaults() {
    return new GraphOptions(List.of(), () -> 0, nanoseconds -> {}, warning -> {}, Optional.empty());
  }

  public GraphOptions withThrottleGroups(List<ThrottleGroup> value) {
    return new GraphOptions(value, clock, sleeper, warnings, breakpoints);
  }

  /** A clock and the means to wait on it. */
  public GraphOptions withTime(LongSupplier newClock, LongConsumer newSleeper) {
    return new GraphOptions(throttleGroups, newClock, newSleeper, warnings, breakpoints);
  }

  public GraphOptions withWarnings(Consumer<String> value) {
    return new GraphOptions(throttleGroups, clock, sleeper, value, breakpoints);
  }

  public GraphOptions withBreakpoints(Optional<Breakpoints> value) {
    return new GraphOptions(throttleGroups, clock, sleeper, warnings, value);
  }
}
