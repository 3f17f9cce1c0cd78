package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineTest {
  private static final int MODEL_NEHALEM = 15;
  private static final long CODE = 0x1000;
  private static final long UNTIL = 0x8000;
  private static final int RAM = 0x10000;
  private static final long RF = 1 << 16;

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void runsCodeUntilHlt(String version) {
    try (Rig rig = new Rig(version)) {
      rig.run("b8 2a 00 00 00 f4"); // mov eax, 42; hlt
      assertThat(rig.engine.state().general(CpuState.RAX)).isEqualTo(42);
      assertThat(rig.engine.register(X86Register.RAX)).isEqualTo(42);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void stateAndApiSeeTheSameRegisters(String version) {
    try (Rig rig = new Rig(version)) {
      CpuState state = rig.engine.state();
      for (int i = 0; i < 16; i++) {
        state.general(i, 0x1111_2222_3333_0000L + i);
      }
      for (int i = 0; i < 16; i++) {
        assertThat(rig.engine.register(X86Register.GENERAL[i]))
            .isEqualTo(0x1111_2222_3333_0000L + i);
      }
      state.control(3, 0x7000);
      assertThat(rig.engine.register(X86Register.CR3)).isEqualTo(0x7000);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void budgetCountsTheBytesOfEveryBlock(String version) {
    try (Rig rig = new Rig(version)) {
      rig.budget.set(1_000_000);
      // mov ecx, 100; again: dec ecx; jnz again; hlt: 9 bytes, then 99 times 4, then 1
      rig.run("b9 64 00 00 00 ff c9 75 fc f4");
      assertThat(1_000_000 - rig.budget.get()).isEqualTo(9 + 99 * 4 + 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void theLibrariesOfThisProjectAreAdjustedForSpeed(String version) {
    try (Rig rig = new Rig(version)) {
      assertThat(rig.engine.library().inlinedStub()).as("blocks counted inline").isNotZero();
      assertThat(rig.engine.library().hasJumpCache()).as("second cache of blocks").isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void overdrawnBudgetStopsAtTheFirstInstructionOfTheBlock(String version) {
    try (Rig rig = new Rig(version)) {
      rig.stopWhenOverdrawn = true;
      rig.budget.set(9 + 10 * 4);
      rig.run("b9 64 00 00 00 ff c9 75 fc f4");
      assertThat(rig.overdrawnAt).containsExactly(CODE + 5);
      assertThat(rig.engine.state().rip()).isEqualTo(CODE + 5);
      assertThat(rig.engine.state().general(CpuState.RCX)).isEqualTo(89);
      rig.stopWhenOverdrawn = false;
      rig.budget.set(1_000_000);
      rig.engine.run(CODE + 5, UNTIL);
      assertThat(rig.engine.state().general(CpuState.RCX)).isZero();
    }
  }

  /** SDM volume 3, 17.3.1.1: RF holds for one instruction, here for the block it begins. */
  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void resumeFlagEndsWithTheFirstBlock(String version) {
    NearBuffer.forNextEngineOf(TestLibraries.load(version));
    try (Rig inline = new Rig(version);
        Rig probablyNot = new Rig(version)) {
      assertThat(inline.countsInline()).isTrue();
      assertResumeFlagEnds(inline);
      assertResumeFlagEnds(probablyNot); // too far from the place of the first
    }
  }

  private static void assertResumeFlagEnds(Rig rig) {
    CpuState state = rig.engine.state();
    List<Long> flags = new ArrayList<>();
    rig.engine.onCpuid(() -> flags.add(state.systemFlags() & RF));
    rig.run("eb 00 0f a2 eb 00 0f a2 f4"); // jmp; cpuid; jmp; cpuid; hlt
    state.systemFlags(state.systemFlags() | RF);
    rig.engine.run(CODE, UNTIL);
    assertThat(flags).as("RF at CPUID").containsExactly(0L, 0L, 0L, 0L);
    rig.stopWhenOverdrawn = true;
    state.systemFlags(state.systemFlags() | RF);
    rig.budget.set(1);
    rig.engine.run(CODE, UNTIL);
    assertThat(state.rip()).isEqualTo(CODE);
    assertThat(state.systemFlags() & RF).as("RF of a block that has not run").isEqualTo(RF);
    rig.budget.set(2);
    rig.engine.run(CODE, UNTIL);
    assertThat(state.rip()).isEqualTo(CODE + 2);
    assertThat(state.systemFlags() & RF).as("RF behind the block").isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void exceptionOfAHookComesOutOfRun(String version) {
    try (Rig rig = new Rig(version)) {
      rig.engine.onCpuid(
          () -> {
            throw new IllegalStateException("from the hook");
          });
      assertThatThrownBy(() -> rig.run("0f a2 eb fe")) // cpuid; jmp $
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("from the hook");
      rig.run("b8 2b 00 00 00 f4");
      assertThat(rig.engine.register(X86Register.RAX)).as("the engine lives on").isEqualTo(43);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void refusedTranslationGivesTheExactAddress(String version) {
    try (Rig rig = new Rig(version)) {
      rig.run("48 8b 04 25 68 45 23 01 f4"); // mov rax, [0x1234568]; hlt
      assertThat(rig.lastError).isEqualTo(Engine.ERR_EXCEPTION);
      assertThat(rig.engine.state().faultAddress()).isEqualTo(0x1234568);
      assertThat(rig.engine.state().rip()).isEqualTo(CODE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void enginesOpenAndCloseManyTimes(String version) {
    for (int i = 0; i < 20; i++) {
      Rig rig = new Rig(version);
      rig.run("b8 2a 00 00 00 f4");
      rig.close();
      rig.engine.close(); // a second call does nothing
    }
    try (Rig first = new Rig(version);
        Rig second = new Rig(version)) {
      first.run("b8 01 00 00 00 f4");
      second.run("b8 02 00 00 00 f4");
      assertThat(first.engine.register(X86Register.RAX)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void droppedCodeIsTranslatedAgain(String version) {
    try (Rig rig = new Rig(version)) {
      rig.run("b8 2a 00 00 00 f4");
      rig.ram.set(JAVA_BYTE, CODE + 1, (byte) 43);
      rig.engine.dropCode(CODE, CODE + 16);
      rig.engine.run(CODE, UNTIL);
      assertThat(rig.engine.register(X86Register.RAX)).isEqualTo(43);
    }
  }

  /** As when the buffer for translated code is full; the memory of blocks is used again then. */
  @ParameterizedTest
  @ValueSource(strings = {"2.1.4", "2.1.1"})
  void blocksAreForgottenWhenTheEngineThrowsAllAway(String version) {
    int flushBlocks = 10 | 1 << 30; // uc_ctl, UC_CTL_TB_FLUSH
    try (Rig rig = new Rig(version)) {
      rig.run("b8 2a 00 00 00 f4");
      rig.engine.flushTlb();
      rig.engine.run(CODE, UNTIL); // found by its page now
      rig.ram.set(JAVA_BYTE, CODE + 1, (byte) 43);
      assertThat(rig.engine.library().functions.ctl(rig.engine.handle(), flushBlocks)).isZero();
      rig.engine.run(CODE, UNTIL);
      assertThat(rig.engine.register(X86Register.RAX)).isEqualTo(43);
    }
  }

  /** An engine with 64 KiB of RAM, translated one to one. */
  private static final class Rig implements AutoCloseable {
    final MemorySegment ram = HostMemory.map(RAM);
    final Engine engine;
    final BlockBudget budget;
    final List<Long> overdrawnAt = new ArrayList<>();
    boolean stopWhenOverdrawn;
    int lastError;

    Rig(String version) {
      engine = Engine.open(TestLibraries.load(version), MODEL_NEHALEM);
      engine.mapRam(0, ram);
      engine.onTlbFill(
          (page, access) ->
              page < RAM ? page | Hooks.READ | Hooks.WRITE | Hooks.EXEC : Hooks.FAULT);
      budget = engine.onBudget(this::overdrawn);
      budget.set(1_000_000);
    }

    private void overdrawn(long address, int size) {
      if (stopWhenOverdrawn) {
        overdrawnAt.add(address);
        engine.requestStop();
      }
    }

    /** Whether new blocks of one short instruction are shown, as is done where they are. */
    boolean countsInline() {
      List<Long> shown = new ArrayList<>();
      engine.hastenStrings(
          address -> {
            shown.add(address);
            return -1;
          });
      run("eb 00 f4"); // jmp; hlt
      return !shown.isEmpty();
    }

    void run(String hex) {
      byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
      MemorySegment.copy(code, 0, ram, JAVA_BYTE, CODE, code.length);
      engine.dropCode(CODE, CODE + 64);
      lastError = engine.run(CODE, UNTIL);
    }

    @Override
    public void close() {
      engine.close();
    }
  }
}
