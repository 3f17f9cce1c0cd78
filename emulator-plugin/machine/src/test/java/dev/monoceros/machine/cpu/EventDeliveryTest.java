package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;

/** Entry through the IDT, SDM 6.12 to 6.15. */
class EventDeliveryTest {
  private static final String DIVIDE_BY_ZERO = "31 c9 f7 f1"; // xor ecx, ecx; div ecx
  private static final String INT_42 = "cd 42";
  private static final String INT3 = "cc";
  private static final String UD2 = "0f 0b";
  private static final String LOAD_BEYOND_MAP = "48 8b 04 25 00 00 00 20"; // mov rax, [0x20000000]

  @OnBothLibraries
  void faultPointsAtTheInstructionThatCausedIt(String version) {
    try (CpuRig rig = rig(version)) {
      assertThat(rig.run(DIVIDE_BY_ZERO)).isInstanceOf(CpuExit.Halted.class);
      assertThat(rig.vector()).isEqualTo(Vectors.DE);
      assertThat(rig.frame(0)).as("RIP").isEqualTo(CpuRig.CODE + 2);
      assertThat(rig.frame(1)).as("CS").isEqualTo(CpuRig.KERNEL_CS);
      assertThat(rig.frame(3)).as("RSP").isEqualTo(CpuRig.KERNEL_STACK);
      assertThat(rig.frame(4)).as("SS").isEqualTo(CpuRig.KERNEL_DS);
    }
  }

  @OnBothLibraries
  void softwareInterruptPointsBehindTheInstruction(String version) {
    try (CpuRig rig = rig(version)) {
      rig.run(INT_42);
      assertThat(rig.vector()).isEqualTo(0x42);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.CODE + 2);
    }
  }

  @OnBothLibraries
  void softwareInterruptFromUserModeNeedsTheGatesPrivilege(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(INT_42);
      assertThat(rig.vector()).isEqualTo(Vectors.GP);
      assertThat(rig.frame(0)).as("error code").isEqualTo(0x42 * 8 + Vectors.IDT);
      assertThat(rig.frame(1)).as("RIP of the INT itself").isEqualTo(CpuRig.USER);
    }
  }

  @OnBothLibraries
  void breakpointFromUserModePassesAGateOfPrivilege3(String version) {
    try (CpuRig rig = rig(version)) {
      rig.gate(Vectors.BP, CpuRig.handler(Vectors.BP), 0xe, 3, 0);
      rig.runUser(INT3);
      assertThat(rig.vector()).isEqualTo(Vectors.BP);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 1);
      assertThat(rig.frame(1)).as("CS").isEqualTo(CpuRig.USER_CS);
    }
  }

  @OnBothLibraries
  void invalidOpcodeInUserModeComesOnce(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(UD2);
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER);
      assertThat(rig.cpu.counters().exceptions()).isEqualTo(1);
    }
  }

  @OnBothLibraries
  void changeOfPrivilegeSwitchesToTheStackOfTheTss(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(UD2);
      assertThat(rig.general(CpuState.RSP)).isEqualTo(CpuRig.RSP0 - 5 * 8);
      assertThat(rig.frame(3)).as("user RSP").isEqualTo(CpuRig.USER_STACK);
      assertThat(rig.frame(4)).as("user SS").isEqualTo(CpuRig.USER_DS);
      assertThat(rig.cpu.state().cpl()).isZero();
      assertThat(rig.cpu.state().selector(CpuState.SS)).as("SS is null with the new RPL").isZero();
    }
  }

  @OnBothLibraries
  void interruptStackTableIsUsedWithoutChangeOfPrivilege(String version) {
    try (CpuRig rig = rig(version)) {
      rig.gate(Vectors.UD, CpuRig.handler(Vectors.UD), 0xe, 0, 1);
      rig.run(UD2);
      assertThat(rig.general(CpuState.RSP)).isEqualTo(CpuRig.IST1 - 5 * 8);
      assertThat(rig.frame(3)).isEqualTo(CpuRig.KERNEL_STACK);
    }
  }

  @OnBothLibraries
  void frameIsAlignedTo16Bytes(String version) {
    try (CpuRig rig = rig(version)) {
      rig.cpu.state().general(CpuState.RSP, CpuRig.KERNEL_STACK - 3);
      rig.run(UD2);
      assertThat(rig.general(CpuState.RSP)).isEqualTo(CpuRig.KERNEL_STACK - 16 - 5 * 8);
      assertThat(rig.frame(3)).isEqualTo(CpuRig.KERNEL_STACK - 3);
    }
  }

  @OnBothLibraries
  void interruptGateClearsIfAndTrapGateKeepsIt(String version) {
    for (int type : new int[] {0xe, 0xf}) {
      try (CpuRig rig = rig(version)) {
        rig.gate(Vectors.UD, CpuRig.handler(Vectors.UD), type, 0, 0);
        rig.runUser(UD2);
        boolean enabled = (rig.cpu.state().systemFlags() & 1 << 9) != 0;
        assertThat(enabled).isEqualTo(type == 0xf);
        assertThat(rig.frame(2) & 1 << 9).as("pushed RFLAGS").isNotZero();
      }
    }
  }

  @OnBothLibraries
  void selectorBeyondTheTableIsItsErrorCode(String version) {
    try (CpuRig rig = rig(version)) {
      rig.run("66 b8 30 12 8e d8"); // mov ax, 0x1230; mov ds, ax
      assertThat(rig.vector()).isEqualTo(Vectors.GP);
      assertThat(rig.frame(0)).isEqualTo(0x1230);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.CODE + 4);
    }
  }

  @OnBothLibraries
  void secondFaultAfterTheFirstIsNoDoubleFault(String version) {
    try (CpuRig rig = rig(version)) {
      // the handler of #DE divides by zero itself, after its entry is complete
      rig.code(CpuRig.handler(Vectors.DE), "66 b8 30 12 8e d8");
      rig.run(DIVIDE_BY_ZERO);
      assertThat(rig.vector()).isEqualTo(Vectors.GP);
    }
  }

  @OnBothLibraries
  void faultDuringDeliveryOfAPageFaultIsADoubleFault(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(CpuRig.IDT + 16 * Vectors.PF, 0);
      rig.run(LOAD_BEYOND_MAP);
      assertThat(rig.vector()).isEqualTo(Vectors.DF);
      assertThat(rig.frame(0)).as("error code").isZero();
      assertThat(rig.frame(1)).as("RIP").isEqualTo(CpuRig.CODE);
    }
  }

  @OnBothLibraries
  void faultDuringDeliveryOfABenignExceptionIsDeliveredInItsStead(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(CpuRig.IDT + 16 * Vectors.UD, 0);
      rig.run(UD2);
      assertThat(rig.vector()).isEqualTo(Vectors.GP);
      assertThat(rig.frame(0)).isEqualTo(Vectors.UD * 8 + Vectors.IDT + Vectors.EXT);
    }
  }

  @OnBothLibraries
  void faultDuringDeliveryOfADoubleFaultShutsTheCpuDown(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(CpuRig.IDT + 16 * Vectors.PF, 0);
      rig.put(CpuRig.IDT + 16 * Vectors.DF, 0);
      assertThat(rig.run(LOAD_BEYOND_MAP)).isInstanceOf(CpuExit.TripleFault.class);
    }
  }

  @OnBothLibraries
  void absentHandlerStackMakesADoubleFaultOnItsOwnStack(String version) {
    try (CpuRig rig = rig(version)) {
      rig.gate(Vectors.DF, CpuRig.handler(Vectors.DF), 0xe, 0, 1);
      rig.cpu.state().general(CpuState.RSP, 0x2000_0000L); // not mapped
      rig.run(LOAD_BEYOND_MAP);
      assertThat(rig.vector()).isEqualTo(Vectors.DF);
      assertThat(rig.general(CpuState.RSP)).isEqualTo(CpuRig.IST1 - 6 * 8);
    }
  }

  @OnBothLibraries
  void absentGateIsNotPresentError(String version) {
    try (CpuRig rig = rig(version)) {
      long gate = CpuRig.IDT + 16 * 0x42;
      rig.put(gate, rig.get(gate) & ~(1L << 47));
      rig.run(INT_42);
      assertThat(rig.vector()).isEqualTo(Vectors.NP);
      assertThat(rig.frame(0)).isEqualTo(0x42 * 8 + Vectors.IDT);
    }
  }

  @OnBothLibraries
  void singleStepTrapsAfterOneInstruction(String version) {
    try (CpuRig rig = rig(version)) {
      // pushfq; or qword [rsp], 0x100; popfq; nop; nop; hlt
      rig.run("9c 48 81 0c 24 00 01 00 00 9d 90 90 f4");
      assertThat(rig.vector()).isEqualTo(Vectors.DB);
      assertThat(rig.frame(0)).as("behind the first NOP").isEqualTo(CpuRig.CODE + 11);
      assertThat(rig.cpu.state().systemFlags() & 1 << 8).as("TF in the handler").isZero();
    }
  }

  private static CpuRig rig(String version) {
    return new CpuRig(Libraries.get(version));
  }
}
