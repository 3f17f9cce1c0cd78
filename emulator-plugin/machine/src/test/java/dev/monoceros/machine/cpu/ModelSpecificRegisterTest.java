package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;

/** What RDMSR gives for the registers that Linux asks for at boot (SDM volume 4). */
class ModelSpecificRegisterTest {
  private static final String RDMSR = "0f 32 f4"; // rdmsr; hlt
  // mov eax, 0x11223344; mov edx, 0x5566; wrmsr; rdmsr; hlt
  private static final String WRITE_AND_READ = "b8 44 33 22 11 ba 66 55 00 00 0f 30 0f 32 f4";
  private static final long WRITTEN = 0x5566_1122_3344L;

  private static long result(CpuRig rig, long msr, String code) {
    rig.cpu.state().general(CpuState.RCX, msr);
    rig.cpu.state().general(CpuState.RAX, -1);
    rig.cpu.state().general(CpuState.RDX, -1);
    rig.run(code);
    assertThat(rig.vector()).as("exception of MSR %x", msr).isEqualTo(CpuRig.NO_VECTOR);
    return rig.general(CpuState.RDX) << 32 | rig.general(CpuState.RAX) & 0xffff_ffffL;
  }

  @OnBothLibraries
  void patIsAsAfterReset(String version) {
    try (CpuRig rig = rig(version)) {
      assertThat(result(rig, 0x277, RDMSR)).isEqualTo(0x0007_0406_0007_0406L);
    }
  }

  @OnBothLibraries
  void eferSaysLongMode(String version) {
    try (CpuRig rig = rig(version)) {
      assertThat(result(rig, 0xc0000080L, RDMSR)).as("SCE, LME, LMA, NXE").isEqualTo(0xd01);
    }
  }

  @OnBothLibraries
  void fastStringOperationsAreOn(String version) {
    try (CpuRig rig = rig(version)) {
      assertThat(result(rig, 0x1a0, RDMSR)).as("IA32_MISC_ENABLE").isEqualTo(1);
    }
  }

  @OnBothLibraries
  void registersOfTheSystemCallPathKeepWhatIsWritten(String version) {
    long[] kept = {
      0x175, 0x176, 0x1a0, 0x277, 0xc0000081L, 0xc0000082L, 0xc0000083L, 0xc0000084L, 0xc0000102L
    };
    for (long msr : kept) {
      try (CpuRig rig = rig(version)) {
        assertThat(result(rig, msr, WRITE_AND_READ)).as("MSR %x", msr).isEqualTo(WRITTEN);
      }
    }
  }

  @OnBothLibraries
  void fsAndGsBasesAreThoseOfTheSegments(String version) {
    try (CpuRig rig = rig(version)) {
      result(rig, 0xc0000100L, WRITE_AND_READ);
      result(rig, 0xc0000101L, WRITE_AND_READ);
      assertThat(rig.cpu.state().segmentBase(CpuState.FS)).isEqualTo(WRITTEN);
      assertThat(rig.cpu.state().segmentBase(CpuState.GS)).isEqualTo(WRITTEN);
    }
  }

  @OnBothLibraries
  void whatDoesNotExistReadsZeroAndFaultsNeither(String version) {
    // feature control, SPEC_CTRL, microcode, platform info, RAPL, X2APIC, AMD's, KVM's, none
    long[] unknown = {
      0x3a, 0x48, 0xce, 0x606, 0x802, 0xc0010015L, 0xc0011029L, 0x4b564d00L, 0x12345
    };
    for (long msr : unknown) {
      try (CpuRig rig = rig(version)) {
        assertThat(result(rig, msr, RDMSR)).as("MSR %x", msr).isZero();
        assertThat(result(rig, msr, WRITE_AND_READ)).as("MSR %x", msr).isZero();
      }
    }
  }

  private static CpuRig rig(String version) {
    return new CpuRig(Libraries.get(version));
  }
}
