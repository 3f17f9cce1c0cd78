package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;
import org.junit.jupiter.api.Test;

/**
 * 32-bit user code under a 64-bit kernel: events taken from it and the way back (SDM 6.14), the
 * fast system calls (SDM 5.8.7 and 5.8.8).
 */
class CompatibilityModeTest {
  private static final int MSR_SYSENTER_CS = 0x174;
  private static final int MSR_SYSENTER_ESP = 0x175;
  private static final int MSR_SYSENTER_EIP = 0x176;
  private static final int MSR_STAR = 0xc0000081;
  private static final int MSR_LSTAR = 0xc0000082;
  private static final int MSR_CSTAR = 0xc0000083;
  private static final long ENTRY = 0x31000;
  private static final long ENTRY_STACK = 0x24000;
  private static final long RETURN = 0x40010;
  private static final String HLT = "f4";
  private static final String IRETQ = "48 cf";
  private static final String SYSENTER = "89 e5 0f 34 0f 0b"; // mov ebp, esp; sysenter; ud2
  // mov edx, RETURN; mov ecx, 0x5f000; sysexit
  private static final String SYSEXIT = "ba 10 00 04 00 b9 00 f0 05 00 0f 35";

  @OnBothLibraries
  void codeIsDecodedAsOf32BitsAndTheFrameIsOf64(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runCompat("b8 01 00 00 00 50 40 0f 0b"); // mov eax, 1; push eax; inc eax; ud2
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.general(CpuState.RAX)).as("40 is INC, not REX").isEqualTo(2);
      assertThat(rig.frame(0)).as("RIP").isEqualTo(CpuRig.USER + 7);
      assertThat(rig.frame(1)).as("CS").isEqualTo(CpuRig.COMPAT_CS);
      assertThat(rig.frame(3)).as("ESP, after a push of 4 bytes").isEqualTo(0x5fffc);
      assertThat(rig.frame(4)).as("SS").isEqualTo(CpuRig.USER_DS);
      assertThat(rig.general(CpuState.RSP)).isEqualTo(CpuRig.RSP0 - 5 * 8);
      assertThat(rig.cpu.state().hidden() & CpuState.HIDDEN_CS64).as("the handler").isNotZero();
    }
  }

  @OnBothLibraries
  void pageFaultComesWithItsAddress(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runCompat("a1 00 00 00 20"); // mov eax, [0x20000000]
      assertThat(rig.vector()).isEqualTo(Vectors.PF);
      assertThat(rig.frame(0)).isEqualTo(PageTables.ERROR_USER);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.USER);
      assertThat(rig.cpu.state().control(2)).isEqualTo(0x2000_0000L);
    }
  }

  @OnBothLibraries
  void int80EntersThroughAGateOfPrivilege3AndIretqGoesOnIn32Bits(String version) {
    try (CpuRig rig = rig(version)) {
      rig.gate(0x80, ENTRY, 0xe, 3, 0);
      rig.code(ENTRY, IRETQ);
      // mov eax, 5; int 0x80; mov ebx, 7; push ebx; inc ebx; ud2
      rig.runCompat("b8 05 00 00 00 cd 80 bb 07 00 00 00 53 43 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 14);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.COMPAT_CS);
      assertThat(rig.frame(3)).isEqualTo(0x5fffc);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(8);
    }
  }

  @OnBothLibraries
  void intoIsATrapAndBoundIsAFault(String version) {
    try (CpuRig rig = rig(version)) {
      rig.gate(Vectors.OF, CpuRig.handler(Vectors.OF), 0xe, 3, 0);
      rig.runCompat("b8 ff ff ff 7f 40 ce 0f 0b"); // mov eax, 0x7fffffff; inc eax; into; ud2
      assertThat(rig.vector()).isEqualTo(Vectors.OF);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 7);
    }
    try (CpuRig rig = rig(version)) {
      // push 10; push 1; mov eax, 20; bound eax, [esp]; ud2
      rig.runCompat("6a 0a 6a 01 b8 14 00 00 00 62 04 24 0f 0b");
      assertThat(rig.vector()).as("#BR").isEqualTo(5);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 9);
    }
  }

  @OnBothLibraries
  void interruptIsTakenAndItsReturnAddressIsExact(String version) {
    try (CpuRig rig = rig(version)) {
      rig.events.schedule(2_000, () -> rig.pin.raise(0x30));
      rig.runCompat("eb fe"); // jmp $
      assertThat(rig.vector()).isEqualTo(0x30);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.COMPAT_CS);
    }
  }

  @OnBothLibraries
  void farJumpGoesFrom32To64BitCode(String version) {
    try (CpuRig rig = rig(version)) {
      // mov rax, 0x1122334455667788; ud2
      rig.code(CpuRig.USER + 0x40, "48 b8 88 77 66 55 44 33 22 11 0f 0b");
      rig.runCompat("ea 40 00 04 00 23 00"); // jmp USER_CS:USER + 0x40
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.general(CpuState.RAX)).isEqualTo(0x1122_3344_5566_7788L);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.USER_CS);
    }
  }

  @OnBothLibraries
  void segmentBasesCount(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(CpuRig.GDT + CpuRig.TASK, 0x00cf_f305_0000_ffffL); // data, DPL 3, base 0x50000
      rig.put(0x50004, 0x77);
      // mov eax, 0x2b; mov gs, eax; mov eax, gs:[4]; ud2
      rig.runCompat("b8 2b 00 00 00 8e e8 65 a1 04 00 00 00 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.general(CpuState.RAX)).isEqualTo(0x77);
    }
  }

  private static void prepareSysenter(CpuRig rig, String handler) {
    rig.cpu.engine().msr(MSR_SYSENTER_CS, CpuRig.KERNEL_CS);
    rig.cpu.engine().msr(MSR_SYSENTER_ESP, ENTRY_STACK);
    rig.cpu.engine().msr(MSR_SYSENTER_EIP, ENTRY);
    rig.code(ENTRY, handler);
  }

  private static void assertEnteredBySysenter(CpuRig rig) {
    CpuState state = rig.cpu.state();
    assertThat(rig.cpu.rip()).isEqualTo(ENTRY + 1);
    assertThat(rig.general(CpuState.RSP)).isEqualTo(ENTRY_STACK);
    assertThat(state.cpl()).isZero();
    assertThat(state.selector(CpuState.CS)).isEqualTo(CpuRig.KERNEL_CS);
    assertThat(state.selector(CpuState.SS)).isEqualTo(CpuRig.KERNEL_DS);
    assertThat(state.hidden() & CpuState.HIDDEN_CS64).isNotZero();
    assertThat(state.systemFlags() & 1 << 9).as("IF").isZero();
    assertThat(rig.cpu.counters().systemCalls()).isEqualTo(1);
  }

  @OnBothLibraries
  void sysenterEntersTheKernelFromBothModes(String version) {
    try (CpuRig rig = rig(version)) {
      prepareSysenter(rig, HLT);
      rig.runCompat(SYSENTER);
      assertEnteredBySysenter(rig);
      assertThat(rig.general(CpuState.RBP)).as("the user's ESP").isEqualTo(CpuRig.USER_STACK);
    }
    try (CpuRig rig = rig(version)) {
      prepareSysenter(rig, HLT);
      rig.runUser("0f 34 0f 0b");
      assertEnteredBySysenter(rig);
    }
  }

  @OnBothLibraries
  void sysenterWithANullSelectorIsAGeneralProtectionFault(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runCompat("90 0f 34");
      assertThat(rig.vector()).isEqualTo(Vectors.GP);
      assertThat(rig.frame(0)).as("error code").isZero();
      if (version.equals(Libraries.REFERENCE)) { // 2.1.1 gives no exact RIP inside SYSENTER
        assertThat(rig.frame(1)).isEqualTo(CpuRig.USER + 1);
      }
      assertThat(rig.cpu.counters().systemCalls()).isZero();
    }
  }

  @OnBothLibraries
  void sysexitReturnsToBothModes(String version) {
    try (CpuRig rig = rig(version)) {
      prepareSysenter(rig, SYSEXIT);
      rig.code(RETURN, "6a 00 43 0f 0b"); // push 0; inc ebx; ud2
      rig.runCompat(SYSENTER);
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.frame(0)).isEqualTo(RETURN + 3);
      assertThat(rig.frame(1)).as("CS: that of SYSENTER plus 16").isEqualTo(0x1b);
      assertThat(rig.frame(3)).as("ESP after a push of 4 bytes").isEqualTo(0x5effc);
      assertThat(rig.frame(4)).as("SS: that of SYSENTER plus 24").isEqualTo(0x23);
    }
    try (CpuRig rig = rig(version)) {
      prepareSysenter(rig, SYSEXIT.replace("0f 35", "48 0f 35"));
      rig.code(RETURN, "6a 00 48 ff c3 0f 0b"); // push 0; inc rbx; ud2
      rig.runCompat(SYSENTER);
      assertThat(rig.frame(0)).isEqualTo(RETURN + 5);
      assertThat(rig.frame(1)).as("CS: that of SYSENTER plus 32").isEqualTo(0x2b);
      assertThat(rig.frame(3)).as("RSP after a push of 8 bytes").isEqualTo(0x5eff8);
      assertThat(rig.frame(4)).as("SS: that of SYSENTER plus 40").isEqualTo(0x33);
    }
  }

  /** SDM volume 2, SYSCALL: #UD where the CPU is not in 64-bit mode; AMD's would go to CSTAR. */
  @OnBothLibraries
  void syscallIsUndefinedAsOnTheProcessorThatCpuidNames(String version) {
    try (CpuRig rig = rig(version)) {
      rig.cpu.engine().msr(MSR_STAR, (long) CpuRig.KERNEL_CS << 32);
      rig.cpu.engine().msr(MSR_LSTAR, ENTRY);
      rig.cpu.engine().msr(MSR_CSTAR, ENTRY);
      rig.runCompat("90 0f 05");
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 1);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.COMPAT_CS);
      assertThat(rig.cpu.counters().systemCalls()).isZero();
    }
  }

  @Test
  void theVendorIsTheOneWhoseSyscallThisIs() {
    assertThat(new CpuidTable(true, false).answer(0, 0).ebx()).as("\"Genu\"").isEqualTo(0x756e6547);
  }

  @OnBothLibraries
  void sysretlReturnsTo32Bits(String version) {
    try (CpuRig rig = rig(version)) {
      rig.cpu.engine().msr(MSR_STAR, (long) CpuRig.COMPAT_CS << 48);
      rig.code(CpuRig.USER, "50 40 0f 0b"); // push eax; inc eax; ud2
      rig.cpu.state().general(CpuState.RSP, CpuRig.USER_STACK);
      // mov ecx, USER; mov r11d, 0x202; sysretl
      rig.run("b9 00 00 04 00 41 bb 02 02 00 00 0f 07");
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 2);
      assertThat(rig.frame(1)).isEqualTo(CpuRig.COMPAT_CS);
      assertThat(rig.frame(2) & ~(1 << 16)).as("RFLAGS").isEqualTo(0x202);
      assertThat(rig.frame(3)).isEqualTo(CpuRig.USER_STACK - 4);
    }
  }

  private static CpuRig rig(String version) {
    return new CpuRig(Libraries.get(version));
  }
}
