package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;

/**
 * Breakpoints on loads and stores (SDM volume 3, 17.2.4, 17.2.5 and 17.3.1.2), as `watch` of gdb.
 */
class DataBreakpointTest {
  private static final long DATA = 0x50000;
  private static final int ON_STORE = 1;
  private static final int ON_ACCESS = 3;
  private static final int TF = 1 << 8;
  private static final int DR6_BS = 1 << 14;

  /** LEN of DR7 for 1, 2, 4 and 8 bytes. */
  private static int length(int bytes) {
    return switch (bytes) {
      case 1 -> 0;
      case 2 -> 1;
      case 8 -> 2;
      default -> 3;
    };
  }

  /** Has the CPU load DR0 and DR7, then runs user code that finds {@link #DATA} in RDI. */
  private static void watch(CpuRig rig, long address, int access, int bytes, String code) {
    watch(rig, address, access, bytes, 0, code);
  }

  /** The same with a breakpoint on the instruction at an offset of the user code, unless 0. */
  private static void watch(
      CpuRig rig, long address, int access, int bytes, int instruction, String code) {
    long control = 0x402 | (long) (access | length(bytes) << 2) << 16;
    control |= instruction == 0 ? 0 : 8;
    // mov rax, instruction; mov dr1, rax; mov rax, address; mov dr0, rax
    // mov rax, control; mov dr7, rax; mov edi, DATA; iretq
    String set =
        "48 b8 "
            + little(CpuRig.USER + instruction)
            + " 0f 23 c8 "
            + "48 b8 %s 0f 23 c0 48 b8 %s 0f 23 f8 bf 00 00 05 00 48 cf";
    rig.code(CpuRig.USER, code);
    rig.put(CpuRig.KERNEL_STACK - 40, CpuRig.USER);
    rig.put(CpuRig.KERNEL_STACK - 32, CpuRig.USER_CS);
    rig.put(CpuRig.KERNEL_STACK - 24, 0x202);
    rig.put(CpuRig.KERNEL_STACK - 16, CpuRig.USER_STACK);
    rig.put(CpuRig.KERNEL_STACK - 8, CpuRig.USER_DS);
    rig.cpu.state().general(CpuState.RSP, CpuRig.KERNEL_STACK - 40);
    rig.run(set.formatted(little(address), little(control)));
  }

  private static String little(long value) {
    return "%016x".formatted(Long.reverseBytes(value));
  }

  private static void assertTrap(CpuRig rig, int offset) {
    assertThat(rig.vector()).isEqualTo(Vectors.DB);
    assertThat(rig.frame(0)).as("RIP").isEqualTo(CpuRig.USER + offset);
    assertThat(rig.frame(2) & TF).as("TF in the pushed RFLAGS").isZero();
    assertThat(rig.cpu.state().debugStatus() & 0xf).as("DR6.B0 to B3").isEqualTo(1);
    assertThat(rig.cpu.state().debugStatus() & DR6_BS).as("DR6.BS").isZero();
  }

  @OnBothLibraries
  void storeTrapsBehindItsInstructionInTheMiddleOfABlock(String version) {
    try (CpuRig rig = rig(version)) {
      // inc eax; mov dword [rdi], 0x12345678; inc eax; ud2
      watch(rig, DATA, ON_STORE, 4, "31 c0 c7 07 78 56 34 12 ff c0 0f 0b");
      assertTrap(rig, 8);
      assertThat(rig.get(DATA) & 0xffff_ffffL).isEqualTo(0x1234_5678);
      assertThat(rig.general(CpuState.RAX)).as("the instruction behind").isZero();
    }
  }

  @OnBothLibraries
  void pageThatWasStoredToBeforeIsWatchedFromThenOn(String version) {
    try (CpuRig rig = rig(version)) {
      rig.code(CpuRig.handler(Vectors.UD), "0f 23 f8 48 83 04 24 02 48 cf"); // mov dr7, rax; skip
      // mov [rdi], eax; mov eax, DR7; ud2; mov [rdi], ebx; inc ebx; ud2
      watch(rig, DATA, 0, 4, "89 07 b8 02 04 0d 00 0f 0b 89 1f ff c3 0f 0b");
      assertTrap(rig, 11);
    }
  }

  @OnBothLibraries
  void loadsMeetOnlyABreakpointOnAllAccesses(String version) {
    try (CpuRig rig = rig(version)) {
      watch(rig, DATA, ON_STORE, 8, "48 8b 07 90 0f 0b"); // mov rax, [rdi]; nop; ud2
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
    }
    try (CpuRig rig = rig(version)) {
      watch(rig, DATA, ON_ACCESS, 8, "48 8b 07 90 0f 0b");
      assertTrap(rig, 3);
    }
  }

  @OnBothLibraries
  void onlyBytesInsideTheBreakpointCount(String version) {
    for (int bytes : new int[] {1, 2, 4, 8}) {
      try (CpuRig rig = rig(version)) {
        // mov byte [rdi + 7], 1; mov byte [rdi + 8 + bytes], 1; mov byte [rdi + 7 + bytes], 1; ud2
        String code = "c6 47 07 01 c6 47 %02x 01 c6 47 %02x 01 0f 0b";
        watch(rig, DATA + 8, ON_STORE, bytes, code.formatted(8 + bytes, 7 + bytes));
        assertTrap(rig, 12);
      }
    }
  }

  @OnBothLibraries
  void storeAcrossTwoPagesMeetsItInTheSecond(String version) {
    try (CpuRig rig = rig(version)) {
      // mov [rdi + 0xffb], rax: 5 bytes of the first page, 3 of the next; ud2
      watch(rig, DATA + 0x1002, ON_STORE, 1, "48 89 87 fb 0f 00 00 0f 0b");
      assertTrap(rig, 7);
    }
  }

  @OnBothLibraries
  void readModifyWriteHappensOnce(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(DATA, 41);
      watch(rig, DATA, ON_ACCESS, 4, "f0 ff 07 90 0f 0b"); // lock inc dword [rdi]; nop; ud2
      assertTrap(rig, 3);
      assertThat(rig.get(DATA)).isEqualTo(42);
    }
  }

  @OnBothLibraries
  void repeatedStringInstructionTrapsInTheIterationThatMeetsIt(String version) {
    try (CpuRig rig = rig(version)) {
      // lea rdi, [rdi - 5]; mov ecx, 9; rep stosb; ud2
      watch(rig, DATA, ON_STORE, 1, "48 8d 7f fb b9 09 00 00 00 f3 aa 0f 0b");
      assertTrap(rig, 9);
      assertThat(rig.general(CpuState.RCX)).isEqualTo(3);
      assertThat(rig.general(CpuState.RDI)).isEqualTo(DATA + 1);
    }
  }

  @OnBothLibraries
  void everyStoreOfALoopIsMetOnce(String version) {
    try (CpuRig rig = rig(version)) {
      rig.code(CpuRig.handler(Vectors.DB), "48 ff c3 48 cf"); // inc rbx; iretq
      // mov ecx, 100; again: mov [rdi], ecx; nop; dec ecx; jnz again; ud2
      watch(rig, DATA, ON_STORE, 4, "b9 64 00 00 00 89 0f 90 ff c9 75 f9 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(100);
    }
  }

  @OnBothLibraries
  void pushAndCallAreStoresToo(String version) {
    try (CpuRig rig = rig(version)) {
      watch(rig, CpuRig.USER_STACK - 8, ON_STORE, 8, "e8 02 00 00 00 0f 0b 90 0f 0b"); // call +2
      assertTrap(rig, 7);
      assertThat(rig.get(CpuRig.USER_STACK - 8)).isEqualTo(CpuRig.USER + 5);
    }
  }

  @OnBothLibraries
  void instructionThatFaultsAfterMeetingItDoesNotTrap(String version) {
    try (CpuRig rig = rig(version)) {
      // push qword [rdi] loads what is watched, then its store faults; RSP is put where no page is
      watch(rig, DATA, ON_ACCESS, 8, "bc 00 00 00 20 ff 37 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.PF);
      assertThat(rig.frame(1)).as("RIP").isEqualTo(CpuRig.USER + 5);
      assertThat(rig.frame(3) & TF).as("TF in the pushed RFLAGS").isZero();
      assertThat(rig.cpu.state().dataStep()).isFalse();
    }
  }

  @OnBothLibraries
  void singleStepAndBreakpointAreOneException(String version) {
    try (CpuRig rig = rig(version)) {
      // pushf; or dword [rsp], TF; popf; mov [rdi], eax; nop
      watch(rig, DATA, ON_STORE, 4, "9c 81 0c 24 00 01 00 00 9d 89 07 90 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.DB);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 11);
      assertThat(rig.frame(2) & TF).as("TF in the pushed RFLAGS").isNotZero();
      assertThat(rig.cpu.state().debugStatus() & (DR6_BS | 0xf)).isEqualTo(DR6_BS | 1);
    }
  }

  @OnBothLibraries
  void interruptThatComesBetweenLeavesNoTrace(String version) {
    try (CpuRig rig = rig(version)) {
      rig.code(CpuRig.handler(Vectors.DB), "48 ff c3 48 cf"); // inc rbx; iretq
      rig.code(CpuRig.handler(0x40), "48 8b 54 24 10 48 09 d6 49 ff c0 48 cf"); // or rsi, flags
      Runnable[] tick = new Runnable[1];
      tick[0] =
          () -> {
            rig.pin.raise(0x40);
            rig.events.schedule(rig.cpu.now() + 29, tick[0]);
          };
      rig.events.schedule(rig.cpu.now() + 29, tick[0]);
      // mov ecx, 100; again: mov [rdi], ecx; nop; dec ecx; jnz again; ud2
      watch(rig, DATA, ON_STORE, 4, "b9 64 00 00 00 89 0f 90 ff c9 75 f9 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(100);
      assertThat(rig.general(CpuState.RSI) & TF).as("TF seen by the interrupts").isZero();
      assertThat(rig.general(8)).as("interrupts").isGreaterThan(10);
    }
  }

  /** SDM volume 3, 6.8.3: no debug exception between MOV SS and the instruction behind it. */
  @OnBothLibraries
  void loadOfTheStackSegmentTrapsBehindTheNextInstruction(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(DATA, CpuRig.USER_DS);
      watch(rig, DATA, ON_ACCESS, 2, "8e 17 ff c3 ff c3 0f 0b"); // mov ss, [rdi]; inc ebx, twice
      assertTrap(rig, 4);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(1);
    }
  }

  /** The engine raises it again and again until somebody takes it. */
  @OnBothLibraries
  void breakpointOnTheInstructionBehindALoadOfTheStackSegmentEndsTheWait(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(DATA, CpuRig.USER_DS);
      // mov ss, [rdi]; inc ebx, with a breakpoint; ud2
      watch(rig, DATA, ON_ACCESS, 2, 2, "8e 17 ff c3 0f 0b");
      assertThat(rig.vector()).isEqualTo(Vectors.DB);
      assertThat(rig.frame(0)).isBetween(CpuRig.USER + 2, CpuRig.USER + 4);
      assertThat(rig.cpu.state().debugStatus() & 1).as("DR6.B0").isEqualTo(1);
    }
  }

  @OnBothLibraries
  void interruptInstructionBehindALoadOfTheStackSegmentIsTaken(String version) {
    for (String event : new String[] {"cd 01", "cc", "f1", "fa"}) { // int 1, int3, int1, cli
      try (CpuRig rig = rig(version)) {
        rig.put(DATA, CpuRig.USER_DS);
        watch(rig, DATA, ON_ACCESS, 2, "8e 17 " + event + " 0f 0b");
        assertThat(rig.vector()).as(event).isIn(Vectors.DB, Vectors.BP, Vectors.GP);
        assertThat(rig.frame(rig.vector() == Vectors.GP ? 3 : 2) & TF).as(event).isZero();
      }
    }
  }

  private static CpuRig rig(String version) {
    return new CpuRig(Libraries.get(version));
  }
}
