package dev.monoceros.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.StringStart.Hole;
import dev.monoceros.unicorn.StringStart.Kind;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterProperty;

/** String instructions with and without {@link StringRuns}, which the guest must not tell apart. */
class StringRunsPropertiesTest {
  private static final long END_OF_DATA = StringRig.DATA + StringRig.PAGES * StringRig.PAGE;
  private static final int MOST = 10_000;

  private StringTwins twins;

  @AfterProperty
  void close() {
    twins.close();
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void theGuestSeesNoDifferenceOn2_1_4(
      @ForAll @From("starts") StringStart start, @ForAll boolean again) {
    assertSame("2.1.4", start, again);
  }

  @Property(tries = 1500, edgeCases = EdgeCasesMode.NONE)
  void theGuestSeesNoDifferenceOn2_1_1(
      @ForAll @From("starts") StringStart start, @ForAll boolean again) {
    assertSame("2.1.1", start, again);
  }

  private void assertSame(String version, StringStart start, boolean again) {
    if (twins == null) {
      twins = new StringTwins(version);
    }
    twins.assertSame(start);
    assertCodeIsUsed(start);
    if (again) {
      twins.assertSameAgain(start);
    }
  }

  private void assertCodeIsUsed(StringStart start) {
    boolean stepped =
        (start.flags() & (StringStart.FLAG_RF | StringStart.FLAG_TF)) != 0
            || (start.hidden() & CpuState.HIDDEN_INHIBIT_IRQ) != 0;
    if (!stepped) {
      assertThat(twins.fast().offers)
          .as("code for the blocks")
          .allMatch(offer -> offer.answer() != 0);
      if (start.leading().isEmpty()) {
        assertThat(twins.fast().entries()).as("entries of that code").isPositive();
      }
    }
  }

  @Provide
  static Arbitrary<StringStart> starts() {
    return Combinators.combine(
            codes(),
            places(),
            leading(),
            registers(),
            modes(),
            holes().list().ofMaxSize(3),
            budgets(),
            Arbitraries.of(true, false))
        .as(StringRunsPropertiesTest::start);
  }

  private static StringStart start(
      String code,
      long at,
      String leading,
      Registers registers,
      Modes modes,
      List<Hole> holes,
      List<Share> budgets,
      boolean stop) {
    long blocks = Math.clamp(registers.rcx(), 0, MOST) + 1;
    boolean steps = (modes.flags() & StringStart.FLAG_TF) != 0;
    return new StringStart(
        code,
        at,
        leading,
        registers.rax(),
        steps ? registers.rcx() & 0x1ff : registers.rcx(),
        registers.rdi(),
        registers.rsi(),
        0x202 | modes.flags(),
        modes.hidden(),
        holes,
        budgets.stream().map(share -> share.of(blocks * code.length() / 2)).toList(),
        stop);
  }

  private static Arbitrary<String> codes() {
    return Arbitraries.of("f3aa", "f3ab", "f348ab", "f3a4", "f3a5", "f348a5");
  }

  private static Arbitrary<String> leading() {
    return Arbitraries.frequency(
        Tuple.of(6, ""),
        Tuple.of(1, "90"),
        Tuple.of(1, "9090"),
        Tuple.of(2, StringStart.READS_DESTINATION),
        Tuple.of(2, StringStart.READS_SOURCE));
  }

  /** In the middle of a page, or at its end. */
  private static Arbitrary<Long> places() {
    return Arbitraries.frequencyOf(
        Tuple.of(4, Arbitraries.just(StringRig.CODE)),
        Tuple.of(1, Arbitraries.longs().between(1, 6).map(n -> StringRig.CODE + 4096 - n)));
  }

  private record Registers(long rax, long rcx, long rdi, long rsi) {}

  private static Arbitrary<Registers> registers() {
    Arbitrary<Long> near = Arbitraries.longs().between(-70, 70);
    Arbitrary<Long> sources =
        Arbitraries.oneOf(Arbitraries.just(Long.MIN_VALUE), near, near.map(n -> 4096 * n));
    return Combinators.combine(Arbitraries.longs(), counts(), addresses(), addresses(), sources)
        .as(
            (rax, rcx, rdi, other, distance) ->
                new Registers(rax, rcx, rdi, distance == Long.MIN_VALUE ? other : rdi + distance));
  }

  private static Arbitrary<Long> counts() {
    return Arbitraries.frequencyOf(
        Tuple.of(3, Arbitraries.longs().between(0, 3)),
        Tuple.of(4, Arbitraries.longs().between(0, 80)),
        Tuple.of(6, Arbitraries.longs().between(80, MOST)),
        Tuple.of(1, Arbitraries.of(1L << 32, 1L << 63, (1L << 32) + 5, -1L, Long.MIN_VALUE + 5)));
  }

  /** Near the ends of pages, anywhere in the data, just outside, in the code; and repeated. */
  private static Arbitrary<Long> addresses() {
    Arbitrary<Long> offsets =
        Arbitraries.oneOf(
            Combinators.combine(
                    Arbitraries.longs().between(0, StringRig.PAGES),
                    Arbitraries.longs().between(-300, 20))
                .as((page, offset) -> StringRig.DATA + page * StringRig.PAGE + offset),
            Arbitraries.longs().between(StringRig.DATA - 8, END_OF_DATA + 8),
            Arbitraries.longs().between(StringRig.DATA, StringRig.DATA + 4 * StringRig.PAGE),
            Arbitraries.longs().between(StringRig.CODE - 8, StringRig.CODE + 2 * StringRig.PAGE));
    Arbitrary<Long> repetitions =
        Arbitraries.frequency(
            Tuple.of(4, 0L),
            Tuple.of(2, StringRig.REPEATED),
            Tuple.of(1, 0xffff_8000_0000_0000L),
            Tuple.of(1, -StringRig.REPEATED));
    return Combinators.combine(offsets, repetitions).as(Long::sum);
  }

  private record Modes(long flags, int hidden) {}

  private static Arbitrary<Modes> modes() {
    Arbitrary<Long> flags =
        Arbitraries.frequency(
            Tuple.of(14, 0L),
            Tuple.of(2, StringStart.FLAG_DF),
            Tuple.of(2, StringStart.FLAG_RF),
            Tuple.of(1, StringStart.FLAG_TF),
            Tuple.of(1, 0x8d5L));
    Arbitrary<Integer> hidden =
        Arbitraries.of(0, CpuState.HIDDEN_CPL, StringStart.HIDDEN_SMAP, CpuState.HIDDEN_INHIBIT_IRQ)
            .map(more -> CpuState.HIDDEN_CS64 | more);
    return Combinators.combine(flags, hidden).as(Modes::new);
  }

  private static Arbitrary<Hole> holes() {
    Arbitrary<Integer> pages = Arbitraries.integers().between(0, StringRig.PAGES - 1);
    return Combinators.combine(pages, Arbitraries.of(Kind.class), pages).as(Hole::new);
  }

  /** A budget, as a part of what all blocks take, and some bytes. */
  private record Share(int thousandths, long more) {
    long of(long all) {
      return all * thousandths / 1000 + more;
    }
  }

  private static Arbitrary<List<Share>> budgets() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(0)),
                Tuple.of(3, Arbitraries.integers().between(1, 1000))),
            Arbitraries.longs().between(-3, 100))
        .as(Share::new)
        .list()
        .ofMaxSize(5);
  }
}
