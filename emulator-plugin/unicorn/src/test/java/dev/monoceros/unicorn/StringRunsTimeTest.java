package dev.monoceros.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a string instruction stops, and steps: as if its block had run for every element. */
class StringRunsTimeTest {
  private static final long DATA = StringRig.DATA;
  private static final long PAGE = StringRig.PAGE;
  private static final long SOURCE = DATA + 8 * PAGE;
  private static final int DEBUG = 1;

  @ParameterizedTest
  @CsvSource({"2.1.4, f3aa, 1", "2.1.4, f348a5, 8", "2.1.1, f3ab, 4", "2.1.1, f3a4, 1"})
  void everyElementCostsTheInstructionsLength(String version, String code, int size) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of(code, 1000, DATA, SOURCE);
      twins.assertSame(start);
      long jump = 5;
      assertThat(StringRig.PLENTY - twins.fast().budget.get())
          .isEqualTo(1001L * start.length() + jump);
      assertThat(twins.fast().engine.state().general(CpuState.RDI)).isEqualTo(DATA + 1000 * size);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void anOverdrawnBudgetStopsItBetweenTwoElements(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of("f348a5", 1000, DATA, SOURCE);
      twins.assertSame(start.stopping(3 * 400L + 2, 0L, 3 * 7L, StringRig.PLENTY));
      assertThat(twins.fast().journal)
          .filteredOn(event -> event.startsWith("overdrawn"))
          .containsExactly(overdrawn(400, -1), overdrawn(400, -3), overdrawn(407, -3));
      assertThat(twins.fast().engine.state().rip()).isEqualTo(StringRig.END);
      assertThat(twins.fast().entries()).isLessThan(16);
    }
  }

  private static String overdrawn(long done, long budget) {
    return "overdrawn at %x: rcx %x rdi %x rsi %x budget %d"
        .formatted(StringRig.CODE, 1000 - done, DATA + 8 * done, SOURCE + 8 * done, budget);
  }

  /** A budget for so many bytes more or less than a page takes. */
  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void budgetsOfAllSizesEndWhereTheyShould(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      for (long budget = -3; budget < 120; budget++) {
        twins.assertSame(StringStart.of("f3ab", 60, DATA + 8, SOURCE).stopping(budget));
        long around = 2 * PAGE / 4 + budget - 60;
        twins.assertSame(StringStart.of("f3a5", 3000, DATA, SOURCE).stopping(around, 7L));
      }
    }
  }

  /** SDM volume 1, 7.3.9.3 and volume 3, 17.3.1.4: a trap after each iteration. */
  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void withTheTrapFlagEveryElementIsAStep(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of("f348ab", 50, DATA, SOURCE);
      twins.assertSame(start.flags(StringStart.FLAG_TF));
      assertThat(twins.fast().journal)
          .filteredOn(event -> event.startsWith("exception " + DEBUG))
          .hasSizeGreaterThanOrEqualTo(50);
      assertThat(twins.fast().entries()).isZero();
    }
  }

  /** The first block is another one, which ends the flag. */
  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void theResumeFlagHoldsForTheFirstElement(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of("f348ab", 300, DATA, SOURCE);
      twins.assertSame(start.flags(StringStart.FLAG_RF));
      assertThat(twins.fast().offers).hasSize(2);
      assertThat(twins.fast().offers.getFirst().answer()).isZero();
      assertThat(twins.fast().offers.getLast().answer()).isNotZero();
      assertThat(twins.fast().engine.state().systemFlags() & StringStart.FLAG_RF).isZero();
      assertThat(twins.fast().entries()).isEqualTo(2); // 298 elements and one; RCX 0
    }
  }

  /** SDM volume 3, 17.2.4: DR7 with L0, LEN0 of four bytes, and R/W0 for stores or accesses. */
  @ParameterizedTest
  @CsvSource({
    "2.1.4, f3ab, 20000, 0x000d0001",
    "2.1.4, f3a5, 28000, 0x000f0001",
    "2.1.1, f3ab, 20000, 0x000d0001",
    "2.1.1, f3a5, 28000, 0x000f0001"
  })
  void aDataBreakpointIsMetByItsElement(String version, String code, String base, long control) {
    try (StringTwins twins = new StringTwins(version)) {
      for (int element : new int[] {0, 1, 37, 1022, 1023, 1024, 1998}) {
        long watched = Long.parseLong(base, 16) + 4 * element;
        for (StringRig rig : twins.both()) {
          rig.engine.register(X86Register.DR0, watched);
          rig.engine.register(X86Register.DR7, control);
        }
        twins.assertSame(StringStart.of(code, 2000, DATA, SOURCE));
        assertThat(twins.fast().journal)
            .filteredOn(event -> event.startsWith("exception"))
            .hasSize(1)
            .first(STRING)
            .startsWith("exception 1: rip 1000 ")
            .contains(" " + Long.toHexString(1999 - element) + " ");
        assertThat(twins.fast().journal).contains("breakpoints 1");
      }
    }
  }
}
