package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** RDRAND, SDM volume 2, where it is offered; elsewhere see {@link FaultTest}. */
class RandomUnitTest {
  private static final long NUMBER = 0x8899_aabb_ccdd_eeffL;
  private static final int R9 = 9;
  private static final long FLAGS = 0x8d5;

  private static CpuRig rig(String version) {
    AtomicLong next = new AtomicLong(NUMBER);
    return new CpuRig(Libraries.get(version), Optional.of(next::getAndIncrement));
  }

  @OnBothLibraries
  void theOperandsSizeDecidesHowMuchOfTheRegisterChanges(String version) {
    try (CpuRig rig = rig(version)) {
      rig.cpu.state().general(CpuState.RCX, -1);
      rig.cpu.state().general(CpuState.RDX, -1);
      // rdrand rbx; rdrand ecx; rdrand dx; rdrand r9; hlt
      rig.run("48 0f c7 f3 0f c7 f1 66 0f c7 f2 49 0f c7 f1 f4");
      assertThat(rig.vector()).isEqualTo(CpuRig.NO_VECTOR);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(NUMBER);
      assertThat(rig.general(CpuState.RCX)).isEqualTo(NUMBER + 1 & 0xffff_ffffL);
      assertThat(rig.general(CpuState.RDX)).isEqualTo(-1L << 16 | NUMBER + 2 & 0xffff);
      assertThat(rig.general(R9)).isEqualTo(NUMBER + 3);
    }
  }

  @OnBothLibraries
  void carryIsSetAndTheOtherArithmeticFlagsAreNot(String version) {
    try (CpuRig rig = rig(version)) {
      // mov eax, 0x80000000; add eax, eax (sets OF, CF, ZF, PF); rdrand ebx; pushfq; pop rdx; hlt
      rig.run("b8 00 00 00 80 01 c0 0f c7 f3 9c 5a f4");
      assertThat(rig.general(CpuState.RDX) & FLAGS).isEqualTo(1);
    }
  }

  @OnBothLibraries
  void userModeHasItTooAlsoIn32BitCode(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runCompat("0f c7 f3 cc"); // rdrand ebx; int3
      assertThat(rig.vector()).isEqualTo(Vectors.GP); // the gate of INT3 is the kernel's
      assertThat(rig.general(CpuState.RBX)).isEqualTo(NUMBER & 0xffff_ffffL);
    }
  }

  @OnBothLibraries
  void cpuidSaysSoAndOtherFormsStayUndefined(String version) {
    try (CpuRig rig = rig(version)) {
      rig.run("b8 01 00 00 00 0f a2 f4"); // mov eax, 1; cpuid; hlt
      assertThat(rig.general(CpuState.RCX) >>> 30 & 1).isOne();
    }
    for (String other : new String[] {"f3 0f c7 f0", "f0 0f c7 f0", "0f c7 f8", "0f c7 30"}) {
      try (CpuRig rig = rig(version)) {
        rig.runUser(other);
        assertThat(rig.vector()).as(other).isEqualTo(Vectors.UD);
      }
    }
  }
}
