package dev.monoceros.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Two engines of one library, one of them with {@link StringRuns}. */
final class StringTwins implements AutoCloseable {
  private final StringRig fast;
  private final StringRig slow;

  StringTwins(String version) {
    fast = StringRig.fast(version);
    slow = StringRig.slow(version);
  }

  StringRig fast() {
    return fast;
  }

  StringRig slow() {
    return slow;
  }

  List<StringRig> both() {
    return List.of(fast, slow);
  }

  /** Runs both, and compares all that the guest and its owner can see. */
  void assertSame(StringStart start) {
    fast.run(start);
    slow.run(start);
    compare();
  }

  /** Runs both again on what was run last. */
  void assertSameAgain(StringStart start) {
    fast.runAgain(start);
    slow.runAgain(start);
    compare();
  }

  private void compare() {
    assertThat(fast.journal).containsExactlyElementsOf(slow.journal);
    assertThat(fast.ram.mismatch(slow.ram)).as("first difference in memory").isEqualTo(-1);
  }

  @Override
  public void close() {
    slow.close();
    fast.close();
  }
}
