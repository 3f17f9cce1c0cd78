package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.StringRig.Offer;
import dev.monoceros.unicorn.StringStart.Hole;
import dev.monoceros.unicorn.StringStart.Kind;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Single rules of what {@link StringRunsPropertiesTest} says in general. */
class StringRunsTest {
  private static final long DATA = StringRig.DATA;
  private static final long PAGE = StringRig.PAGE;
  private static final long SOURCE = DATA + 4 * PAGE;

  /**
   * The first element misses the TLB; then an entry does a page's rest and the next one's first.
   */
  @ParameterizedTest
  @CsvSource({
    "2.1.4, f3aa, 1", "2.1.4, f3ab, 4", "2.1.4, f348ab, 8", "2.1.4, f3a4, 1", "2.1.4, f3a5, 4",
    "2.1.4, f348a5, 8", "2.1.1, f3aa, 1", "2.1.1, f3ab, 4", "2.1.1, f348ab, 8", "2.1.1, f3a4, 1",
    "2.1.1, f3a5, 4", "2.1.1, f348a5, 8"
  })
  void theBlockIsEnteredOnceForAPage(String version, String code, int size) {
    try (StringTwins twins = new StringTwins(version)) {
      twins.assertSame(StringStart.of(code, 10_000, DATA, SOURCE));
      long pages = Math.ceilDiv(9_999 * size, PAGE);
      assertThat(twins.fast().entries()).isEqualTo(1 + pages + 1); // the last with RCX 0
      assertThat(twins.slow().entries()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void otherInstructionsAreLeftAlone(String version) {
    List<String> others =
        List.of(
            "67f3aa", "f367aa", "67f3a4", "f367a5", // addresses of 32 bits
            "66f3ab", "f366ab", "66f3a5", "f366a5", // elements of 16 bits
            "f2aa", "f2ab", "f248ab", "f2a4", "f2a5", "f248a5", // REPNE
            "64f3a4", "f364a4", "65f3a5", "f365a5", "f336a4", // other segments
            "2ef3a4", "3ef3aa", "f326ab", "f33ea5", // segments that count for nothing
            "f340aa", "f341a4", "f348aa", "f348a4", "f344ab", "48f3ab", "f3f3aa", // REX and REP
            "aa", "ab", "48ab", "a4", "a5", "48a5", // once
            "f3ac", "f3ad", "f348ad", "f3a6", "f2a6", "f3ae", "f348af", // LODS, CMPS, SCAS
            "e2fe", "f390"); // LOOP, PAUSE
    try (StringTwins twins = new StringTwins(version)) {
      for (String code : others) {
        twins.assertSame(StringStart.of(code, 1000, DATA + 100, SOURCE + 100));
        assertThat(twins.fast().entries()).as(code).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void thirtyTwoBitCodeIsLeftAlone(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      for (String code : List.of("f3aa", "f3ab", "f3a4", "f3a5")) {
        StringStart start = StringStart.of(code, (7L << 32) + 1000, DATA + (9L << 32), SOURCE);
        twins.assertSame(start.hidden(CpuState.HIDDEN_CS32));
        assertThat(twins.fast().offers).extracting(Offer::answer).containsExactly(0L);
        assertThat(twins.fast().engine.state().rip()).isEqualTo(StringRig.END);
        assertThat(twins.fast().engine.state().general(CpuState.RCX) & 0xffff_ffffL).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void anAbsentPageEndsItAtTheElementThatTouchesIt(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of("f348ab", 3_000, DATA + 20, SOURCE);
      twins.assertSame(start.holes(new Hole(2, Kind.ABSENT)));
      CpuState state = twins.fast().engine.state();
      long done = (2 * PAGE - 20) / 8;
      assertThat(state.general(CpuState.RCX)).isEqualTo(3_000 - done);
      assertThat(state.general(CpuState.RDI)).isEqualTo(DATA + 20 + 8 * done);
      assertThat(state.rip()).isEqualTo(StringRig.CODE);
      assertThat(state.faultAddress()).isBetween(DATA + 2 * PAGE - 4, DATA + 2 * PAGE);
      assertThat(StringRig.PLENTY - twins.fast().budget.get()).isEqualTo(3 * (done + 1));
      assertThat(twins.fast().entries()).isLessThan(6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void aReadOnlyPageIsAFaultForStoresAlone(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      CpuState state = twins.fast().engine.state();
      Hole hole = new Hole(6, Kind.READ_ONLY);
      twins.assertSame(StringStart.of("f3a4", 4 * PAGE, DATA, SOURCE).holes(hole));
      assertThat(state.general(CpuState.RCX)).isZero();
      assertThat(twins.fast().ram.asSlice(DATA + 2 * PAGE, PAGE))
          .matches(page -> page.mismatch(twins.fast().ram.asSlice(DATA + 6 * PAGE, PAGE)) < 0);
      twins.assertSame(StringStart.of("f3a4", 4 * PAGE, SOURCE, DATA).holes(hole));
      assertThat(state.general(CpuState.RCX)).isEqualTo(2 * PAGE);
      assertThat(state.faultAddress()).isEqualTo(DATA + 6 * PAGE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void aPageGrantedForReadingIsAskedForAgainBeforeTheFirstStore(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of("f3aa", 2000, DATA + 1, SOURCE);
      StringStart read = start.behind(StringStart.READS_DESTINATION);
      twins.assertSame(read.holes(new Hole(0, Kind.CLEAN)));
      assertThat(twins.fast().journal)
          .filteredOn(event -> event.startsWith("miss 20000"))
          .containsExactly("miss 20000 READ 20001", "miss 20000 WRITE 20003");
      assertThat(twins.fast().entries()).isEqualTo(3);
      twins.assertSame(read.holes(new Hole(0, Kind.READ_ONLY)));
      assertThat(twins.fast().engine.state().general(CpuState.RCX)).isEqualTo(2000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void aDeviceSeesEveryElement(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of("f3a5", 200, DATA + PAGE - 400, SOURCE);
      twins.assertSame(start.holes(new Hole(1, Kind.DEVICE)));
      assertThat(twins.fast().journal)
          .filteredOn(event -> event.startsWith("device takes "))
          .hasSize(100)
          .startsWith("device takes 0 4 " + hex(twins, SOURCE + 400))
          .contains("device takes 18c 4 " + hex(twins, SOURCE + 400 + 0x18c));
      twins.assertSame(start.holes(new Hole(4, Kind.DEVICE)));
      assertThat(twins.fast().journal)
          .filteredOn(event -> event.startsWith("device gives "))
          .hasSize(200);
    }
  }

  private static String hex(StringTwins twins, long address) {
    return Integer.toHexString(HostMemory.getInt(twins.fast().ram.address() + address));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void anOverlappingCopyForwardRepeatsWhatItHasWritten(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      for (int distance : new int[] {1, 3, 4, 7, 8, 64}) {
        twins.assertSame(StringStart.of("f3a4", 5000, DATA + 50 + distance, DATA + 50));
        byte[] copied = twins.fast().ram.asSlice(DATA + 50, 5000).toArray(JAVA_BYTE);
        assertThat(IntStream.range(distance, 5000))
            .allMatch(i -> copied[i] == copied[i - distance]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void downwardsItGoesElementByElement(String version) {
    try (StringTwins twins = new StringTwins(version)) {
      StringStart start = StringStart.of("f348a5", 500, DATA + 2 * PAGE, SOURCE + 2 * PAGE);
      twins.assertSame(start.flags(StringStart.FLAG_DF));
      assertThat(twins.fast().engine.state().general(CpuState.RDI))
          .isEqualTo(DATA + 2 * PAGE - 8 * 500);
      assertThat(twins.fast().entries()).isEqualTo(501);
    }
  }
}
