package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;

/** Page tables, access rights and their error codes, SDM 4.5 to 4.8; code and data on one page. */
class PagingTest {
  private static final long PAGE = 0x30000;
  private static final long ALIAS = 0x32000;
  private static final String READ_PAGE = "48 8b 04 25 00 00 03 00 f4"; // mov rax, [PAGE]; hlt
  private static final String WRITE_PAGE = "48 89 04 25 00 00 03 00 f4"; // mov [PAGE], rax; hlt
  private static final String JUMP_TO_PAGE = "48 c7 c0 00 00 03 00 ff e0"; // mov rax, PAGE; jmp rax
  private static final long ACCESSED = 1 << 5;
  private static final long DIRTY = 1 << 6;

  @OnBothLibraries
  void readOfAnAbsentPage(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE, 0, 0);
      rig.run(READ_PAGE);
      assertPageFault(rig, 0, PAGE, CpuRig.CODE);
    }
  }

  @OnBothLibraries
  void writeToAReadOnlyPageObeysWriteProtection(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE, PAGE, CpuRig.PAGE_PRESENT);
      rig.run(WRITE_PAGE);
      assertPageFault(rig, PageTables.ERROR_PRESENT | PageTables.ERROR_WRITE, PAGE, CpuRig.CODE);
    }
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE, PAGE, CpuRig.PAGE_PRESENT);
      // clear CR0.WP; mov [PAGE], rax; hlt
      rig.run("0f 20 c0 25 ff ff fe ff 0f 22 c0 48 89 04 25 00 00 03 00 f4");
      assertThat(rig.vector()).isEqualTo(CpuRig.NO_VECTOR);
      assertThat(rig.get(PAGE)).isNotZero();
    }
  }

  @OnBothLibraries
  void userAccessToASupervisorPage(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser(READ_PAGE);
      assertPageFault(rig, PageTables.ERROR_PRESENT | PageTables.ERROR_USER, PAGE, CpuRig.USER);
    }
    try (CpuRig rig = rig(version)) {
      rig.runUser(WRITE_PAGE);
      int error = PageTables.ERROR_PRESENT | PageTables.ERROR_USER | PageTables.ERROR_WRITE;
      assertPageFault(rig, error, PAGE, CpuRig.USER);
    }
  }

  /** Nothing answers there: an open bus reads ones, and ff ff is no instruction. */
  @OnBothLibraries
  void fetchFromWhereThereIsNoRamIsUndefined(String version) {
    for (long nowhere : new long[] {64 << 20, 0xfff0_0000L, 1L << 33, 1L << 38}) {
      try (CpuRig rig = rig(version)) {
        rig.map(PAGE, nowhere, CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE);
        rig.run(JUMP_TO_PAGE);
        assertThat(rig.vector()).as("fetch at %x", nowhere).isEqualTo(Vectors.UD);
        assertThat(rig.frame(0)).isEqualTo(PAGE);
      }
    }
  }

  @OnBothLibraries
  void fetchFromANoExecutePage(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE, PAGE, CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE | CpuRig.PAGE_NX);
      rig.run(JUMP_TO_PAGE);
      assertPageFault(rig, PageTables.ERROR_PRESENT | PageTables.ERROR_FETCH, PAGE, PAGE);
    }
  }

  @OnBothLibraries
  void reservedBitInAnEntry(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE, PAGE, CpuRig.PAGE_PRESENT | 1L << CpuidTable.PHYSICAL_ADDRESS_BITS);
      rig.run(READ_PAGE);
      assertPageFault(rig, PageTables.ERROR_PRESENT | PageTables.ERROR_RESERVED, PAGE, CpuRig.CODE);
    }
  }

  @OnBothLibraries
  void exactAddressWithinThePageIsInCr2(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE, 0, 0);
      rig.run("48 8b 04 25 a8 0b 03 00 f4"); // mov rax, [PAGE + 0xba8]; hlt
      assertThat(rig.cpu.state().control(2)).isEqualTo(PAGE + 0xba8);
    }
  }

  @OnBothLibraries
  void accessAcrossTwoPagesFaultsOnTheSecond(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE + 0x1000, 0, 0);
      rig.run("48 8b 04 25 fc 0f 03 00 f4"); // mov rax, [PAGE + 0xffc]; hlt
      assertThat(rig.vector()).isEqualTo(Vectors.PF);
      assertThat(rig.cpu.state().control(2) & ~0xfffL).isEqualTo(PAGE + 0x1000);
    }
  }

  @OnBothLibraries
  void readSetsAccessedAndWriteSetsDirty(String version) {
    try (CpuRig rig = rig(version)) {
      rig.run(READ_PAGE);
      assertThat(rig.pte(PAGE) & (ACCESSED | DIRTY)).isEqualTo(ACCESSED);
      assertThat(rig.get(CpuRig.PML4) & ACCESSED).isNotZero();
      rig.run(WRITE_PAGE);
      assertThat(rig.pte(PAGE) & (ACCESSED | DIRTY)).isEqualTo(ACCESSED | DIRTY);
    }
  }

  @OnBothLibraries
  void descriptorTablesAreReadWithSupervisorRightsFromUserMode(String version) {
    try (CpuRig rig = rig(version)) {
      rig.runUser("b8 1b 00 00 00 8e d8 0f 0b"); // mov eax, 0x1b; mov ds, eax; ud2
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.cpu.state().selector(CpuState.DS)).isEqualTo(CpuRig.USER_DS);
    }
    try (CpuRig rig = rig(version)) {
      rig.runUser("b8 1b 00 00 00 0f 03 d8 0f 0b"); // mov eax, 0x1b; lsl ebx, eax; ud2
      assertThat(rig.vector()).isEqualTo(Vectors.UD);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(0xffff_ffffL);
    }
    try (CpuRig rig = rig(version)) {
      rig.runUser("48 8b 04 25 08 80 00 00"); // mov rax, [GDT + 8]
      assertThat(rig.vector()).as("an ordinary load gets no such rights").isEqualTo(Vectors.PF);
    }
  }

  @OnBothLibraries
  void storeToCodeTakesEffect(String version) {
    try (CpuRig rig = rig(version)) {
      rig.code(PAGE, "bb 2a 00 00 00 c3"); // mov ebx, 42; ret
      // mov eax, PAGE; call rax; mov byte [PAGE + 1], 43; call rax; hlt
      rig.run("b9 01 00 00 00 b8 00 00 03 00 ff d0 c6 04 25 01 00 03 00 2b ff d0 f4");
      assertThat(rig.general(CpuState.RBX)).isEqualTo(43);
    }
  }

  @OnBothLibraries
  void storeToCodeThroughAnotherMappingTakesEffectEveryTime(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(ALIAS, PAGE, CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE);
      rig.code(PAGE, "bb 00 00 00 00 01 d9 c3"); // mov ebx, n; add ecx, ebx; ret
      // xor ecx, ecx; mov edx, 10; again: mov [ALIAS + 1], dl; mov eax, PAGE; call rax;
      // dec edx; jnz again; hlt
      rig.run("31 c9 ba 0a 00 00 00 88 14 25 01 20 03 00 b8 00 00 03 00 ff d0 ff ca 75 ee f4");
      assertThat(rig.general(CpuState.RCX)).isEqualTo(55);
    }
  }

  @OnBothLibraries
  void deviceWriteToCodeTakesEffect(String version) {
    try (CpuRig rig = rig(version)) {
      rig.code(PAGE, "bb 2a 00 00 00 c3");
      String callPage = "b8 00 00 03 00 ff d0 f4"; // mov eax, PAGE; call rax; hlt
      rig.run(callPage);
      rig.ram.putByte(PAGE + 1, 44);
      rig.cpu.memoryWritten(PAGE + 1, 1);
      rig.run(callPage);
      assertThat(rig.general(CpuState.RBX)).isEqualTo(44);
    }
  }

  @OnBothLibraries
  void memoryBeyondRamReadsAllOnes(String version) {
    try (CpuRig rig = rig(version)) {
      rig.map(PAGE, 1L << 36, CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE);
      rig.run(READ_PAGE);
      assertThat(rig.vector()).isEqualTo(CpuRig.NO_VECTOR);
      assertThat(rig.general(CpuState.RAX)).isEqualTo(-1);
    }
  }

  private static void assertPageFault(CpuRig rig, int error, long address, long rip) {
    assertThat(rig.vector()).isEqualTo(Vectors.PF);
    assertThat(rig.frame(0)).as("error code").isEqualTo(error);
    assertThat(rig.frame(1)).as("RIP").isEqualTo(rip);
    assertThat(rig.cpu.state().control(2)).as("CR2").isEqualTo(address);
    assertThat(rig.cpu.counters().pageFaults()).isEqualTo(1);
  }

  private static CpuRig rig(String version) {
    return new CpuRig(Libraries.get(version));
  }
}
