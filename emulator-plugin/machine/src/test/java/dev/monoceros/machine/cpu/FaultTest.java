package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** Which exception an instruction raises, and with which error code (SDM 6.15). */
class FaultTest {
  private static final long NOT_CANONICAL = 1L << 47;
  private static final String MOV_RAX = "48 b8 00 00 00 00 00 80 00 00 "; // mov rax, NOT_CANONICAL
  private static final long SPARE = CpuRig.GDT + 0x30;

  private static void assertFault(CpuRig rig, int vector, int error, long rip) {
    assertThat(rig.vector()).isEqualTo(vector);
    assertThat(rig.frame(0)).as("error code").isEqualTo(error);
    assertThat(rig.frame(1)).as("RIP").isEqualTo(rip);
    assertThat(rig.frame(3) & 1 << 16).as("RF").isNotZero();
  }

  /** SDM 6.15, interrupts 12 and 13: CR2 stays, and what goes through the stack is #SS. */
  @OnBothLibraries
  void addressThatIsNotCanonicalIsNoPageFault(String version) {
    Map<String, Integer> instructions =
        Map.ofEntries(
            Map.entry("48 8b 18", Vectors.GP), // mov rbx, [rax]
            Map.entry("48 89 18", Vectors.GP), // mov [rax], rbx
            Map.entry("f0 48 ff 00", Vectors.GP), // lock inc qword [rax]
            Map.entry("0f b6 18", Vectors.GP), // movzx ebx, byte [rax]
            Map.entry("ff 20", Vectors.GP), // jmp [rax]
            Map.entry("dd 00", Vectors.GP)); // fld qword [rax]
    instructions.forEach((code, vector) -> fault(version, "", code, vector));
    String toRbp = "48 89 c5 ";
    fault(version, toRbp, "48 8b 5d 00", Vectors.SS); // mov rbx, [rbp]
    fault(version, toRbp, "0f b6 5d 00", Vectors.SS); // movzx ebx, byte [rbp]
    fault(version, toRbp, "c9", Vectors.SS); // leave
    fault(version, toRbp, "64 48 8b 5d 00", Vectors.GP); // mov rbx, fs:[rbp]
    String toRsp = "48 89 c4 ";
    fault(version, toRsp, "58", Vectors.SS); // pop rax
    fault(version, toRsp, "c3", Vectors.SS); // ret
    fault(version, toRsp, "48 89 5c 24 08", Vectors.SS); // mov [rsp + 8], rbx
    String push = "48 83 c0 40 48 89 c4 "; // add rax, 0x40; mov rsp, rax
    fault(version, push, "50", Vectors.SS); // push rax
    fault(version, push, "e8 00 00 00 00", Vectors.SS); // call
    fault(version, push, "9c", Vectors.SS); // pushf
    fault(version, "49 89 c4 ", "49 89 5c 24 08", Vectors.GP); // mov [r12 + 8], rbx
    fault(version, "49 89 c5 ", "49 89 5d 08", Vectors.GP); // mov [r13 + 8], rbx
  }

  private static void fault(String version, String prepare, String code, int vector) {
    try (CpuRig rig = rig(version)) {
      rig.cpu.state().control(2, 0x1234);
      rig.runUser(MOV_RAX + prepare + code);
      assertThat(rig.vector()).as(code).isEqualTo(vector);
      assertThat(rig.frame(0)).as("error code of %s", code).isZero();
      int before = MOV_RAX.length() / 3 + prepare.length() / 3;
      assertThat(rig.frame(1)).as("RIP of %s", code).isEqualTo(CpuRig.USER + before);
      assertThat(rig.cpu.state().control(2)).as("CR2").isEqualTo(0x1234);
    }
  }

  @OnBothLibraries
  void jumpToAnAddressThatIsNotCanonicalIsAGeneralProtectionFault(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(MOV_RAX + "ff e0"); // jmp rax
      assertFault(rig, Vectors.GP, 0, NOT_CANONICAL);
    }
  }

  @OnBothLibraries
  void counterThatDoesNotExistCannotBeRead(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser("31 c9 0f 33"); // xor ecx, ecx; rdpmc
      assertFault(rig, Vectors.GP, 0, CpuRig.USER + 2);
    }
  }

  @OnBothLibraries
  void quotientThatDoesNotFitIsADivideError(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser("b8 00 00 00 80 99 b9 ff ff ff ff f7 f9"); // INT_MIN / -1
      assertThat(rig.vector()).isEqualTo(Vectors.DE);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.USER + 11);
    }
  }

  @OnBothLibraries
  void unmaskedFloatingPointErrorComesAtTheNextWait(String version) {
    try (CpuRig rig = rig(version)) {
      // fninit; push 0x37b; fldcw [rsp]; fld1; fldz; fdivp; fwait
      rig.run("db e3 68 7b 03 00 00 d9 2c 24 d9 e8 d9 ee de f9 9b f4");
      assertThat(rig.vector()).as("#MF").isEqualTo(16);
      assertThat(rig.frame(0)).isEqualTo(CpuRig.CODE + 16);
    }
  }

  private static final String LOAD_DS = "b8 30 00 00 00 8e d8 f4"; // mov eax, 0x30; mov ds, eax
  private static final String LOAD_SS = "b8 30 00 00 00 8e d0 f4"; // mov eax, 0x30; mov ss, eax

  @OnBothLibraries
  void absentSegmentIsNamedByTheErrorCode(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(SPARE, 0x0000_7300_0000_0000L); // data, not present
      rig.run(LOAD_DS);
      assertFault(rig, Vectors.NP, 0x30, CpuRig.CODE + 5);
    }
    try (CpuRig rig = rig(version)) {
      rig.put(SPARE, 0x0000_1300_0000_0000L);
      rig.run(LOAD_SS);
      assertFault(rig, Vectors.SS, 0x30, CpuRig.CODE + 5);
    }
    try (CpuRig rig = rig(version)) {
      rig.put(SPARE, 0x00af_1b00_0000_0000L); // code, not present
      rig.run("6a 30 50 48 cb"); // push 0x30; push rax; retfq
      assertFault(rig, Vectors.NP, 0x30, CpuRig.CODE + 3);
    }
  }

  @OnBothLibraries
  void segmentOfTheWrongKindIsAGeneralProtectionFault(String version) {
    try (CpuRig rig = rig(version)) {
      rig.put(SPARE, 0x00af_9800_0000_0000L); // code that cannot be read
      rig.run(LOAD_DS);
      assertFault(rig, Vectors.GP, 0x30, CpuRig.CODE + 5);
    }
    try (CpuRig rig = rig(version)) {
      rig.run("b8 30 00 00 00 0f 00 d8"); // mov eax, 0x30; ltr ax: no TSS
      assertFault(rig, Vectors.GP, 0x30, CpuRig.CODE + 5);
    }
    try (CpuRig rig = rig(version)) {
      rig.runUser("31 c0 8e d0"); // xor eax, eax; mov ss, eax
      assertFault(rig, Vectors.GP, 0, CpuRig.USER + 2);
    }
  }

  @OnBothLibraries
  void privilegedInstructionInUserModeIsAGeneralProtectionFault(String version) {
    String[] privileged = {
      "f4",
      "fa",
      "fb",
      "0f 20 c0",
      "0f 32",
      "0f 30",
      "0f 01 14 24",
      "0f 01 3c 24",
      "0f 21 f8",
      "0f 01 f8",
      "0f 06",
      "0f 09",
      "0f 00 d8",
      "48 0f 07",
      "0f 35"
    };
    for (String code : privileged) {
      try (CpuRig rig = rig(version)) {
        rig.runUser(code);
        assertFault(rig, Vectors.GP, 0, CpuRig.USER);
      }
    }
  }

  /** What CPUID does not offer does not exist: a program that tries anyway gets SIGILL. */
  @OnBothLibraries
  void instructionThatIsNotOfferedIsUndefined(String version) {
    Map<String, String> absent =
        Map.ofEntries(
            Map.entry("RDFSBASE", "f3 48 0f ae c0"),
            Map.entry("XGETBV", "0f 01 d0"),
            Map.entry("RDRAND", "0f c7 f0"),
            Map.entry("RDSEED", "0f c7 f8"),
            Map.entry("RDTSCP", "0f 01 f9"),
            Map.entry("STAC", "0f 01 cb"),
            Map.entry("MONITOR", "0f 01 c8"),
            Map.entry("INVPCID", "66 0f 38 82 00"),
            Map.entry("VADDPS", "c5 fc 58 c0"),
            Map.entry("MOVBE", "0f 38 f0 04 24"),
            Map.entry("AESENC", "66 0f 38 dc c0"),
            Map.entry("VMCALL", "0f 01 c1"));
    absent.forEach(
        (name, code) -> {
          try (CpuRig rig = rig(version)) {
            rig.runUser(code);
            assertThat(rig.vector()).as(name).isEqualTo(Vectors.UD);
            assertThat(rig.frame(0)).as(name).isEqualTo(CpuRig.USER);
          }
        });
  }

  @OnBothLibraries
  void controlAndStatusOfSseStartWithAllExceptionsMasked(String version) {
    try (CpuRig rig = rig(version)) {
      // mov rdx, cr4; or edx, OSFXSR | OSXMMEXCPT; mov cr4, rdx; fxsave [0x50000]; hlt
      rig.run("0f 20 e2 81 ca 00 06 00 00 0f 22 e2 0f ae 04 25 00 00 05 00 f4");
      assertThat(rig.get(0x50018) & 0xffff_ffffL).as("MXCSR").isEqualTo(0x1f80);
    }
  }

  private static CpuRig rig(String version) {
    return new CpuRig(Libraries.get(version));
  }
}
