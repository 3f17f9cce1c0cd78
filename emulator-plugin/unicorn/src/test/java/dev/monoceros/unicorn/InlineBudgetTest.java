package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.EmittedBlock.BLOCK;
import static dev.monoceros.unicorn.EmittedBlock.CS_BASE;
import static dev.monoceros.unicorn.EmittedBlock.PC;
import static dev.monoceros.unicorn.EmittedBlock.RESULT;
import static dev.monoceros.unicorn.EmittedBlock.SIZE;
import static dev.monoceros.unicorn.EmittedBlock.STORE_RIP;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of an emitted call of the block hook, in all forms that the engine emits it in. */
class InlineBudgetTest {
  private static final long FAR = 0x5555_1234_5678L;
  private static final int RESUMING = 1 << 16;
  private static final long RF = 1 << 16;
  private static final long IF = 1 << 9;
  private static final int LENGTH = 100;
  private static final String LOAD_PC = "48c7c6d0299c81"; // mov rsi, pc

  /** Bytes of the form for RFLAGS.RF; where there are fewer, nothing is overwritten. */
  private static final int LEAST = 27;

  /** SDM volume 2, NOP, table 4-12: recommended sequences of one to nine bytes. */
  private static final List<String> NOPS =
      List.of(
          "90",
          "6690",
          "0f1f00",
          "0f1f4000",
          "0f1f440000",
          "660f1f440000",
          "0f1f8000000000",
          "0f1f840000000000",
          "660f1f840000000000");

  private final EmittedBlock block = new EmittedBlock().describe(0, SIZE, 1);

  @AfterEach
  void close() {
    block.close();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String little(long value) {
    return HexFormat.of().toHexDigits(Integer.reverseBytes((int) value));
  }

  private String overwritten(byte[] load, String pc, long engine) {
    String emitted = block.emit(load, bytes(pc), SIZE, engine);
    return block.overwrite(emitted.length() / 2, LENGTH);
  }

  /** {@code sub qword [cell], size}. */
  private String subtraction() {
    int end = STORE_RIP.length() / 2 + 11;
    long distance = block.cell.address() - (block.emitted.address() + end);
    return "48812d" + little(distance) + little(SIZE);
  }

  /** Asserts the form for most blocks; gives what fills the rest. */
  private String fillerOf(String overwritten) {
    String start = STORE_RIP + subtraction() + "7803" + "0f1f84e8"; // js 1f; nop [disp32]
    assertThat(overwritten).startsWith(start).endsWith(BLOCK);
    return overwritten.substring(start.length() + 8, overwritten.length() - BLOCK.length());
  }

  private void assertRuns(long engine) {
    String overdrawn = EmittedBlock.call("overdrawn", engine, PC + CS_BASE, SIZE, cell());
    assertThat(block.run(SIZE, IF)).isEqualTo(RESULT);
    assertThat(block.left()).isZero();
    assertThat(block.calls).as("calls with enough budget").isEmpty();
    assertThat(block.run(SIZE - 1, IF)).isEqualTo(RESULT);
    assertThat(block.left()).isEqualTo(-1);
    assertThat(block.calls).containsExactly(overdrawn);
    assertThat(block.run(Long.MIN_VALUE + SIZE, IF)).isEqualTo(RESULT);
    assertThat(block.calls).containsExactly(overdrawn);
    assertThat(block.flags()).isEqualTo(IF);
  }

  private long cell() {
    return block.cell.address();
  }

  @Test
  void aCallIsOverwrittenWhereTheEnginesHandleIsNear() {
    long engine = cell() + 0x100;
    fillerOf(overwritten(block.near(engine), LOAD_PC, engine));
    assertRuns(engine);
  }

  @Test
  void aCallIsOverwrittenWhereTheEnginesHandleIsFar() {
    fillerOf(overwritten(EmittedBlock.far(FAR), LOAD_PC, FAR));
    assertRuns(FAR);
  }

  /** With every form in which a host's compiler, and the engine's, loads a constant. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bed0299c81", // mov esi, pc
        "48c7c6d0299c81", // mov rsi, pc
        "488d3510000000", // lea rsi, [rip + 10h]
        "48bed0299c81ffffffff", // movabs rsi, pc
      })
  void aCallIsOverwrittenWhateverTheAddressLoadedIs(String load) {
    fillerOf(overwritten(EmittedBlock.far(FAR), load, FAR));
    assertRuns(FAR);
    fillerOf(overwritten(block.near(cell() + 8), load, cell() + 8));
    assertRuns(cell() + 8);
  }

  @Test
  void theRestIsFilledWithWholeInstructionsThatDoNothing() {
    for (int between = 3; between <= 45; between++) {
      for (boolean near : new boolean[] {true, false}) {
        long engine = near ? cell() : FAR;
        byte[] load = near ? block.near(engine) : EmittedBlock.far(engine);
        int length = load.length + between + 5 + 7 + 5;
        String filler = fillerOf(overwritten(load, "cc".repeat(between), engine));
        assertThat(filler).as("%d bytes in all", length).hasSize(2 * (length - 21));
        assertThat(instructions(filler)).isEqualTo(Math.ceilDiv(length - 21, 9));
        assertRuns(engine);
      }
    }
  }

  /** Read from its start, as a CPU does: the longest one first, for none begins another. */
  private static int instructions(String filler) {
    String rest = filler;
    int count = 0;
    while (!rest.isEmpty()) {
      String left = rest;
      rest =
          NOPS.stream()
              .filter(left::startsWith)
              .findFirst()
              .map(nop -> left.substring(nop.length()))
              .orElseThrow(() -> new AssertionError("not filled with NOPs: " + filler));
      count++;
    }
    return count;
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void aBlockForTheResumeFlagTestsAndEndsIt(boolean near) {
    long engine = near ? cell() : FAR;
    byte[] load = near ? block.near(engine) : EmittedBlock.far(engine);
    block.describe(RESUMING, SIZE, 1);
    for (int between = near ? 3 : 0; between <= 45; between++) {
      String code = overwritten(load, "cc".repeat(between), engine);
      int rest = load.length + between + 5 + 7 + 5 - LEAST;
      String start =
          STORE_RIP
              + subtraction()
              + "7809" // js slow
              + ("f685" + little(block.layout.rflags() + 2) + "01") // test byte [rbp + rf], 1
              + "74%02x".formatted(5 + rest) // jz block
              + "e8"; // slow: call
      assertThat(code).startsWith(start).endsWith("90".repeat(rest) + BLOCK);
      assertThat(code).hasSize(start.length() + 8 + 2 * rest + BLOCK.length());
      assertRuns(engine);
      assertThat(block.run(SIZE, IF | RF)).isEqualTo(RESULT);
      assertThat(block.flags()).as("RF ended").isEqualTo(IF);
      assertThat(block.calls).isEmpty();
      assertThat(block.run(SIZE - 1, IF | RF)).isEqualTo(RESULT);
      assertThat(block.flags()).as("RF is up to Java").isEqualTo(IF | RF);
      assertThat(block.calls).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, RESUMING})
  void aStopRequestedInTheCallMeetsTheExitCheck(int flags) {
    block.describe(flags, SIZE, 1);
    overwritten(EmittedBlock.far(FAR), LOAD_PC, FAR);
    block.stopping();
    assertThat(block.run(SIZE, IF)).isEqualTo(RESULT);
    assertThat(block.calls).isEmpty();
    assertThat(block.run(SIZE - 1, IF)).isEqualTo(RESULT);
    assertThat(block.calls)
        .containsExactly(
            EmittedBlock.call("overdrawn", FAR, PC + CS_BASE, SIZE, cell()),
            "exit check of %x, 0".formatted(FAR));
  }

  @Test
  void onlyTheResumeFlagDecidesTheForm() {
    block.describe(~RESUMING, SIZE, 1);
    fillerOf(overwritten(EmittedBlock.far(FAR), LOAD_PC, FAR));
  }

  @Test
  void aCallWithAnotherFirstArgumentStays() {
    assertStays(EmittedBlock.far(FAR), LOAD_PC, FAR + 8);
    assertStays(block.near(cell()), LOAD_PC, cell() + 8);
    assertStays(bytes("bf78563412"), LOAD_PC, 0x1234_5678); // mov edi, engine
  }

  /** For the address 0 the engine emits xor esi, esi. */
  @Test
  void aCallThatIsTooShortStays() {
    assertStays(block.near(cell()), "31f6", cell());
  }

  @Test
  void aBlockThatWasNotGeneratedStays() {
    block.lookAtBlocks();
    block.describe(0, 2, 1);
    String emitted = block.emit(EmittedBlock.far(FAR), bytes(LOAD_PC), 2, FAR);
    assertThat(block.overwrite(emitted.length() / 2, -2)).isEqualTo(emitted);
    assertThat(block.calls).isEmpty();
  }

  private void assertStays(byte[] load, String pc, long engine) {
    String emitted = block.emit(load, bytes(pc), SIZE, engine);
    assertThat(block.overwrite(emitted.length() / 2, LENGTH)).isEqualTo(emitted);
  }
}
