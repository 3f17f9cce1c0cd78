package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The code for many elements, called once, on an engine's registers and TLB. */
class StringRunsCodeTest {
  private static final long DATA = StringRig.DATA;
  private static final long PAGE = StringRig.PAGE;
  private static final long SOURCE = DATA + 2 * PAGE;
  private static final long VALUE = 0x8877_6655_4433_2211L;
  private static final int LENGTH = 3;

  private final MemorySegment cell = HostMemory.map(4096);
  private final MemorySegment nothing = HostMemory.mapCode(HostCode.bytes(0xc3)); // ret
  private final TranslatedCall enter = new TranslatedCall();
  private StringRig rig;
  private CpuState state;
  private long code;
  private boolean moves;
  private int size;

  @AfterEach
  void close() {
    rig.close();
    enter.close();
    HostMemory.unmap(nothing);
    HostMemory.unmap(cell);
  }

  /** Has pages 0 and 1 granted for stores, and 2 and 3 for loads; and takes the code. */
  private void open(String version, String instruction, int size) {
    rig = StringRig.fast(version);
    state = rig.engine.state();
    this.size = size;
    moves = instruction.endsWith("a4") || instruction.endsWith("a5");
    rig.run(StringStart.of("f3a4", 2 * PAGE, DATA, SOURCE));
    rig.runAgain(StringStart.of(instruction, 2, DATA, SOURCE));
    StringRuns strings = new StringRuns(rig.engine.library().layout(), nothing.address());
    rig.run(StringStart.of(instruction, 2 * PAGE / size, DATA, SOURCE));
    StringRig.Offer offer = rig.offers.getFirst();
    code = strings.codeFor(offer.block(), offer.length(), rig::code);
    assertThat(code).isNotZero();
  }

  private byte[] touched() {
    return rig.ram.asSlice(DATA, 4 * PAGE).toArray(JAVA_BYTE);
  }

  /** Calls the code; gives the number of elements moved, of which everything else must tell. */
  private long moved(long rcx, long rdi, long rsi, long budget) {
    state.general(CpuState.RAX, VALUE);
    state.general(CpuState.RCX, rcx);
    state.general(CpuState.RDI, rdi);
    state.general(CpuState.RSI, rsi);
    HostMemory.putLong(cell.address(), budget);
    byte[] expected = touched();
    enter.call(state.address(), code, LENGTH, cell.address());
    long elements = rcx - state.general(CpuState.RCX);
    int bytes = (int) elements * size;
    for (int i = 0; i < bytes; i++) {
      byte one = (byte) (VALUE >> 8 * (i % size));
      expected[(int) (rdi - DATA) + i] = moves ? expected[(int) (rsi - DATA) + i] : one;
    }
    assertThat(touched()).isEqualTo(expected);
    assertThat(state.general(CpuState.RAX)).isEqualTo(VALUE);
    assertThat(state.general(CpuState.RDI)).isEqualTo(rdi + bytes);
    assertThat(state.general(CpuState.RSI)).isEqualTo(moves ? rsi + bytes : rsi);
    assertThat(HostMemory.getLong(cell.address())).isEqualTo(budget - LENGTH * elements);
    return elements;
  }

  /** Elements that end in the page in which an offset is. */
  private long rest(int offset) {
    return (PAGE - offset % PAGE) / size;
  }

  private static List<Long> counts(long around) {
    List<Long> counts = new ArrayList<>(List.of(0L, 1L, 2L, 3L, 32L, 33L, 34L, 35L, -1L, 1L << 32));
    counts.addAll(List.of(around - 1, around, around + 1, around + 2));
    return counts;
  }

  @ParameterizedTest
  @CsvSource({
    "2.1.4, f3aa, 1", "2.1.4, f3ab, 4", "2.1.4, f348ab, 8", "2.1.4, f3a4, 1", "2.1.4, f3a5, 4",
    "2.1.4, f348a5, 8", "2.1.1, f3aa, 1", "2.1.1, f3ab, 4", "2.1.1, f348ab, 8", "2.1.1, f3a4, 1",
    "2.1.1, f3a5, 4", "2.1.1, f348a5, 8"
  })
  void asManyAsCountPagesAndBudgetAllowButTheLast(String version, String instruction, int size) {
    open(version, instruction, size);
    for (int to : new int[] {0, 1, 7, 8, 100, 4095 - size, 4096 - size, 4097 - size, 4095}) {
      for (int from : new int[] {0, 3, 2000, 4096 - 2 * size, 4097 - size}) {
        long pages = rest(to);
        if (moves) {
          pages = Math.min(pages, rest(from));
        }
        for (long count : counts(pages)) {
          long most =
              count == 0 ? 0 : Long.compareUnsigned(count - 1, pages) < 0 ? count - 1 : pages;
          long all = LENGTH * most;
          for (long budget :
              new long[] {1L << 60, all + 1, all, all - 1, all / 2, 3, 2, 0, -1, -9}) {
            long affordable = budget < 0 ? 0 : budget / LENGTH;
            assertThat(moved(count, DATA + to, SOURCE + from, budget))
                .as("RCX %d, to %d from %d, budget %d", count, to, from, budget)
                .isEqualTo(Math.min(most, affordable));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2.1.4, f3ab, 4", "2.1.4, f348a5, 8", "2.1.1, f3ab, 4", "2.1.1, f348a5, 8"})
  void noneDownwardsOrWithTheResumeFlag(String version, String instruction, int size) {
    open(version, instruction, size);
    long budget = StringRig.PLENTY;
    assertThat(moved(10, DATA, SOURCE, budget)).isEqualTo(9);
    rig.engine.register(X86Register.EFLAGS, 2 | StringStart.FLAG_DF);
    assertThat(moved(10, DATA, SOURCE, budget)).isZero();
    rig.engine.register(X86Register.EFLAGS, 2);
    state.systemFlags(2 | StringStart.FLAG_RF);
    assertThat(moved(10, DATA, SOURCE, budget)).isZero();
    state.systemFlags(2);
    assertThat(moved(10, DATA, SOURCE, budget)).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({"2.1.4, f3aa, 1", "2.1.4, f3a5, 4", "2.1.1, f3aa, 1", "2.1.1, f3a5, 4"})
  void noneOnAPageThatIsNotInTheTlbForIt(String version, String instruction, int size) {
    open(version, instruction, size);
    long budget = StringRig.PLENTY;
    long repeated = DATA + StringRig.REPEATED;
    assertThat(moved(10, repeated, SOURCE, budget)).as("in the same place").isZero();
    assertThat(moved(10, DATA + 8 * PAGE, SOURCE, budget)).isZero();
    assertThat(moved(10, StringRig.CODE, SOURCE, budget)).as("not for stores").isZero();
    if (moves) {
      assertThat(moved(10, DATA, repeated, budget)).isZero();
      assertThat(moved(10, DATA, DATA + 8 * PAGE, budget)).isZero();
    }
    rig.engine.flushTlb();
    assertThat(moved(10, DATA, SOURCE, budget)).isZero();
  }
}
