package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;
import dev.monoceros.unicorn.X86Register;
import org.junit.jupiter.api.Test;

/**
 * Single step, breakpoint registers and INT1 (SDM volume 3, chapter 17), as a debugger uses them.
 */
class DebugTest {
  private static final long ENTRY = 0x31000;
  private static final int TF = 1 << 8;
  private static final int DR6_BS = 1 << 14;
  private static final int PREPARED = 9;

  /** Sets TF from user mode, in 64-bit and in 32-bit code alike, {@link #PREPARED} bytes. */
  private static final String SET_TF = "9c 81 0c 24 00 01 00 00 9d "; // pushf; or [sp], TF; popf

  private static void assertTrapAt(CpuRig rig, long rip) {
    assertThat(rig.vector()).isEqualTo(Vectors.DB);
    assertThat(rig.frame(0)).as("RIP").isEqualTo(rip);
    assertThat(rig.cpu.engine().register(X86Register.DR6) & DR6_BS).as("DR6.BS").isNotZero();
    assertThat(rig.cpu.state().systemFlags() & TF).as("TF in the handler").isZero();
  }

  @OnBothLibraries
  void trapComesAfterTheInstructionThatFollowsPopf(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(SET_TF + "90 90 0f 0b"); // nop; nop; ud2
      assertTrapAt(rig, CpuRig.USER + PREPARED + 1);
      assertThat(rig.frame(2) & TF).as("TF in the pushed RFLAGS").isNotZero();
    }
    try (CpuRig rig = rig(version)) {
      rig.runCompat(SET_TF + "40 40 0f 0b"); // inc eax; inc eax; ud2
      assertTrapAt(rig, CpuRig.USER + PREPARED + 1);
      assertThat(rig.general(CpuState.RAX)).isEqualTo(1);
    }
  }

  @OnBothLibraries
  void trapPointsAtTheTargetOfABranch(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(SET_TF + "eb 02 90 90 90"); // jmp over two
      assertTrapAt(rig, CpuRig.USER + PREPARED + 4);
    }
  }

  @OnBothLibraries
  void popfThatClearsTheFlagTrapsOnceMore(String version) {
    try (CpuRig rig = rig(version)) {
      // pushf; pushf; or [rsp], TF; popf; popf; nop
      rig.runUser("9c 9c 81 0c 24 00 01 00 00 9d 9d 90 90");
      assertTrapAt(rig, CpuRig.USER + 11);
      assertThat(rig.frame(2) & TF).isZero();
    }
  }

  @OnBothLibraries
  void repeatedStringInstructionTrapsAfterEachIteration(String version) {
    try (CpuRig rig = rig(version)) {
      // lea rsi, [..]; lea rdi, [..]; mov ecx, 5; set TF; rep movsb
      rig.runUser("48 8d 35 00 01 00 00 48 8d 3d 00 02 00 00 b9 05 00 00 00" + SET_TF + "f3 a4 90");
      assertTrapAt(rig, CpuRig.USER + 19 + PREPARED);
      assertThat(rig.general(CpuState.RCX)).isEqualTo(4);
    }
  }

  @OnBothLibraries
  void iretqSetsTheFlagForOneInstruction(String version) {
    try (CpuRig rig = rig(version)) {
      rig.code(CpuRig.handler(Vectors.UD), "48 81 4c 24 10 00 01 00 00 48 83 04 24 02 48 cf");
      rig.run("0f 0b 90 90 f4"); // ud2, whose handler sets TF and steps over; nop; nop; hlt
      assertTrapAt(rig, CpuRig.CODE + 3);
    }
  }

  @OnBothLibraries
  void syscallTrapsOnlyAfterItsReturn(String version) {
    try (CpuRig rig = rig(version)) {
      prepareSyscall(rig, "90 90 48 0f 07"); // nop; nop; sysretq
      rig.runUser(SET_TF + "0f 05 90 90");
      assertTrapAt(rig, CpuRig.USER + PREPARED + 2);
      assertThat(rig.frame(1)).as("CS").isEqualTo(CpuRig.USER_CS);
    }
  }

  @OnBothLibraries
  void sysretThatSetsTheFlagTrapsBeforeTheNextInstruction(String version) {
    try (CpuRig rig = rig(version)) {
      prepareSyscall(rig, "49 81 cb 00 01 00 00 48 0f 07"); // or r11, TF; sysretq
      rig.runUser("0f 05 90 90");
      assertTrapAt(rig, CpuRig.USER + 2);
    }
  }

  @OnBothLibraries
  void softwareInterruptTrapsAfterItsReturn(String version) {
    try (CpuRig rig = rig(version)) {
      rig.gate(0x80, ENTRY, 0xe, 3, 0);
      rig.code(ENTRY, "48 cf"); // iretq
      rig.runUser(SET_TF + "cd 80 90 90");
      assertTrapAt(rig, CpuRig.USER + PREPARED + 3);
    }
  }

  @OnBothLibraries
  void instructionAfterMovSsIsNotSteppedOnItsOwn(String version) {
    try (CpuRig rig = rig(version)) {
      // mov eax, 0x1b; set TF; mov ss, eax; nop; nop
      rig.runUser("b8 1b 00 00 00" + SET_TF + "8e d0 90 90");
      assertTrapAt(rig, CpuRig.USER + 5 + PREPARED + 3);
    }
  }

  @OnBothLibraries
  void faultingInstructionDoesNotTrap(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(SET_TF + "48 8b 04 25 00 00 00 20"); // mov rax, [0x20000000]
      assertThat(rig.vector()).isEqualTo(Vectors.PF);
      assertThat(rig.frame(3) & TF).as("TF in the pushed RFLAGS").isNotZero();
    }
  }

  @OnBothLibraries
  void everyInstructionOfALoopIsStepped(String version) {
    try (CpuRig rig = rig(version)) {
      rig.code(CpuRig.handler(Vectors.DB), "48 ff c3 48 cf"); // inc rbx; iretq
      // mov ecx, 1000; set TF; again: dec ecx; jnz again; ud2
      rig.runUser("b9 e8 03 00 00" + SET_TF + "ff c9 75 fc 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(2_000);
    }
  }

  /** SDM volume 2, INT1: through the gate of #DB, whose privilege is not checked, as a trap. */
  @OnBothLibraries
  void int1IsADebugExceptionBehindTheInstruction(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser("90 f1 90");
      assertThat(rig.vector()).isEqualTo(Vectors.DB);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 2);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.USER_CS);
      assertThat(rig.cpu.counters().exceptions()).isEqualTo(1);
    }
  }

  // lea rax, [target]; mov dr0, rax; mov eax, G0 enabled; mov dr7, rax; nop; jmp; target - 1: nop
  private static final String BREAKPOINT =
      "48 8d 05 0f 00 00 00 0f 23 c0 b8 02 04 00 00 0f 23 f8 90 eb 00 90 90 f4";

  private static final long TARGET = CpuRig.CODE + 22;

  @Test
  void instructionBreakpointIsAFaultThatRfPasses() {
    try (CpuRig rig = rig(Libraries.REFERENCE)) {
      rig.run(BREAKPOINT);
      assertThat(rig.vector()).isEqualTo(Vectors.DB);
      assertThat(rig.frame(0)).isEqualTo(TARGET);
      assertThat(rig.frame(2) & 1 << 16).as("RF pushed by a breakpoint").isZero();
      assertThat(rig.cpu.engine().register(X86Register.DR6) & 0xf).as("DR6.B0").isEqualTo(1);
    }
    try (CpuRig rig = rig(Libraries.REFERENCE)) {
      // bts dword [rsp + 16], RF; inc ebx; iretq
      rig.code(CpuRig.handler(Vectors.DB), "0f ba 6c 24 10 10 ff c3 48 cf");
      rig.run(BREAKPOINT);
      assertThat(rig.vector()).isEqualTo(CpuRig.NO_VECTOR);
      assertThat(rig.cpu.rip()).isEqualTo(TARGET + 2);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(1);
    }
  }

  @Test
  void instructionBreakpointInALoopIsMetInEachRound() {
    try (CpuRig rig = rig(Libraries.REFERENCE)) {
      rig.code(CpuRig.handler(Vectors.DB), "0f ba 6c 24 10 10 ff c3 48 cf"); // RF; inc ebx; iretq
      // lea rax, [bp]; mov dr0, rax; mov eax, G0; mov dr7, rax; mov ecx, 5
      // again: jmp bp; bp: nop; dec ecx; jnz again; hlt
      rig.run(
          "48 8d 05 14 00 00 00 0f 23 c0 b8 02 04 00 00 0f 23 f8 b9 05 00 00 00"
              + "eb 02 90 90 90 ff c9 75 f7 f4");
      assertThat(rig.vector()).isEqualTo(CpuRig.NO_VECTOR);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(5);
    }
  }

  /** SDM volume 3, 17.3.1.1, and volume 2, PUSHF: the image on the stack has RF clear. */
  @OnBothLibraries
  void resumeFlagEndsWithTheInstructionThatFaulted(String version) {
    try (CpuRig rig = rig(version)) {
      // add qword [rsp], 2 (over the ud2 to the mark); the pushed RF stays set; iretq
      rig.code(CpuRig.handler(Vectors.UD), "48 83 04 24 02 8b 5c 24 10 48 cf");
      rig.run("0f 0b 90 9c 58 eb 00 9c 5a f4"); // ud2; nop; pushf; pop rax; jmp; pushf; pop rdx
      assertThat(rig.vector()).isEqualTo(CpuRig.NO_VECTOR);
      assertThat(rig.general(CpuState.RBX) & 1 << 16).as("RF pushed by the fault").isNotZero();
      assertThat(rig.general(CpuState.RAX) & 1 << 16).as("RF in the same block").isZero();
      assertThat(rig.general(CpuState.RDX) & 1 << 16).as("RF in the next block").isZero();
    }
  }

  /** 2.1.1's own code for it would end the process. */
  @Test
  void instructionBreakpointIsNeverMetOnTheOldLibrary() {
    try (CpuRig rig = rig("2.1.1")) {
      rig.run(BREAKPOINT);
      assertThat(rig.vector()).isEqualTo(CpuRig.NO_VECTOR);
      assertThat(rig.cpu.rip()).isEqualTo(TARGET + 2);
    }
  }

  private static void prepareSyscall(CpuRig rig, String handler) {
    rig.cpu.engine().msr(0xc0000081, 0x0013_0008L << 32); // STAR
    rig.cpu.engine().msr(0xc0000082, ENTRY); // LSTAR
    rig.cpu.engine().msr(0xc0000084, 0x40700); // FMASK as Linux has it: TF, IF, DF, AC
    rig.code(ENTRY, handler);
  }

  private static CpuRig rig(String version) {
    return new CpuRig(Libraries.get(version));
  }
}
