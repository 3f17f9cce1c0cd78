package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.EmittedBlock.BLOCK;
import static dev.monoceros.unicorn.EmittedBlock.PC;
import static dev.monoceros.unicorn.EmittedBlock.RESULT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks of one short instruction are shown to the engine's owner, who may have code for them. */
class InlineBudgetOfferTest {
  private static final long ENGINE = 0x5555_1234_5678L;
  private static final int LENGTH = 100;
  private static final String LOAD_PC = "48c7c6d0299c81"; // mov rsi, pc
  private static final String INLINE = "78030f1f84e8";

  private final EmittedBlock block = new EmittedBlock();
  private String emitted;

  @AfterEach
  void close() {
    block.close();
  }

  private String overwritten(int size) {
    byte[] pc = HexFormat.of().parseHex(LOAD_PC);
    emitted = block.emit(EmittedBlock.far(ENGINE), pc, size, ENGINE);
    return block.overwrite(emitted.length() / 2, LENGTH);
  }

  private String shown() {
    return "new block %x of %d bytes".formatted(block.block.address(), LENGTH);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theCallOfAnOfferedBlockGoesToTheAnswer(int size) {
    block.describe(0, size, 1).lookAtBlocks();
    block.answer = block.otherCode();
    String code = overwritten(size);
    assertThat(block.calls).containsExactly(shown());
    int call = emitted.length() - BLOCK.length() - 8;
    long next = block.emitted.address() + (call + 8) / 2;
    String distance = HexFormat.of().toHexDigits(Integer.reverseBytes((int) (block.answer - next)));
    assertThat(code).isEqualTo(emitted.substring(0, call) + distance + BLOCK);
    assertThat(block.run(0, 0)).isEqualTo(RESULT);
    assertThat(block.calls)
        .containsExactly(EmittedBlock.call("other", ENGINE, PC, size, block.cell.address()));
    assertThat(block.left()).as("counting is up to the other code").isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1 << 16})
  void aBlockWithoutAnAnswerIsCountedInlineAsAnyOther(int flags) {
    block.describe(flags, 2, 1).lookAtBlocks();
    String code = overwritten(2);
    assertThat(block.calls).containsExactly(shown());
    assertThat(code).contains(flags == 0 ? INLINE : "7809f685").endsWith(BLOCK);
    assertThat(block.run(5, 0)).isEqualTo(RESULT);
    assertThat(block.left()).isEqualTo(3);
    assertThat(block.run(1, 0)).isEqualTo(RESULT);
    assertThat(block.calls)
        .containsExactly(
            EmittedBlock.call(
                "overdrawn", ENGINE, PC + EmittedBlock.CS_BASE, 2, block.cell.address()));
  }

  /** Of more bytes, of other than all the block's bytes, of several instructions. */
  @ParameterizedTest
  @CsvSource({"4, 4, 1", "2, 3, 1", "3, 2, 1", "2, 2, 2", "3, 3, 3", "2, 2, 0"})
  void otherBlocksAreNotOffered(int size, int sizeOfBlock, int instructions) {
    block.describe(0, sizeOfBlock, instructions).lookAtBlocks();
    block.answer = block.otherCode();
    assertThat(overwritten(size)).contains(INLINE);
    assertThat(block.calls).isEmpty();
  }

  @Test
  void withNobodyToAskNothingIsOffered() {
    block.describe(0, 2, 1);
    assertThat(overwritten(2)).contains(INLINE);
    assertThat(block.calls).isEmpty();
  }
}
