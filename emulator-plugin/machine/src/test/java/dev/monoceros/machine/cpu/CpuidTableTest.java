package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** CPUID, SDM volume 2; what the CPU says of itself. */
class CpuidTableTest {
  private final CpuidTable table = new CpuidTable(true, false);

  /** As Linux computes them (arch/x86/lib/cpu.c): extended model and family count for family 6. */
  @Test
  void theModelIsOneThatLinuxKnowsNotToSpeculate() {
    int signature = table.answer(1, 0).eax();

    assertThat(signature >> 8 & 0xf).as("family").isEqualTo(6);
    assertThat((signature >> 16 & 0xf) << 4 | signature >> 4 & 0xf).as("model").isEqualTo(0x1c);
    assertThat(signature & 0xf).as("stepping, above erratum AAE44's").isGreaterThan(2);
  }

  @Test
  void leavesBeyondTheHighestBasicOneAnswerLikeThatOne() {
    assertThat(table.answer(0, 0).eax()).isEqualTo(0x16);
    assertThat(table.answer(0x17, 0)).isEqualTo(table.answer(0x16, 0));
  }
}
