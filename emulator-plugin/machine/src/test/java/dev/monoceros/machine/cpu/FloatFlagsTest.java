package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;
import java.util.List;

/** Exceptions of the x87 (SDM volume 1, 8.5) and of SSE (11.5.2) in their status registers. */
class FloatFlagsTest {
  private static final int INVALID = 1;
  private static final int ZERO_DIVIDE = 1 << 2;
  private static final int INEXACT = 1 << 5;
  private static final int SUMMARY_AND_BUSY = 0x8080;

  // clts; mov rax, cr4; or eax, OSFXSR and OSXMMEXCPT; mov cr4, rax; fninit
  private static final String ENABLE = "0f 06 0f 20 e0 0d 00 06 00 00 0f 22 e0 db e3 ";
  private static final String STATUS = "df e0 0f b7 c0 f4"; // fnstsw ax; movzx eax, ax; hlt
  private static final String THIRD = "d9 e8 d9 eb de f9 dd d8 "; // 1 / pi

  // push 0x1f80; ldmxcsr [rsp]
  private static final String SSE_RESET = "68 80 1f 00 00 0f ae 14 24 ";
  private static final String SSE_STATUS = "0f ae 1c 24 58 f4"; // stmxcsr [rsp]; pop rax; hlt
  // xorps xmm0, xmm0; mov eax, 3; cvtsi2sd xmm1, eax; mov eax, 1; cvtsi2sd xmm2, eax
  private static final String SSE_VALUES =
      "0f 57 c0 b8 03 00 00 00 f2 0f 2a c8 b8 01 00 00 00 f2 0f 2a d0 ";
  private static final String SSE_THIRD = "66 0f 28 da f2 0f 5e d9 "; // movapd; divsd xmm3, xmm1

  private static long result(String version, String code) {
    try (CpuRig rig = new CpuRig(Libraries.get(version))) {
      rig.run(code);
      assertThat(rig.vector()).as("vector").isEqualTo(CpuRig.NO_VECTOR);
      return rig.general(CpuState.RAX);
    }
  }

  @OnBothLibraries
  void anExactResultRaisesNothing(String version) {
    assertThat(result(version, ENABLE + "d9 e8 d9 e8 de f9 dd d8 " + STATUS)).isZero();
  }

  @OnBothLibraries
  void aRoundedResultIsInexactUntilCleared(String version) {
    assertThat(result(version, ENABLE + THIRD + STATUS) & 0x3f).isEqualTo(INEXACT);
    assertThat(result(version, ENABLE + THIRD + "db e2 " + STATUS) & 0x3f).isZero(); // fnclex
    assertThat(result(version, ENABLE + THIRD + "db e3 " + STATUS) & 0x3f).isZero(); // fninit
  }

  /** Volume 2, FCOMI and FUCOMI: an ordered comparison with a quiet NaN is invalid, no other. */
  @OnBothLibraries
  void comparisonsWithNotANumberAreInvalidIfOrdered(String version) {
    String nan = "d9 ee d9 ee de f9 db e2 d9 e8 "; // 0 / 0; fnclex; fld1
    assertThat(result(version, ENABLE + nan + "db f1 " + STATUS) & 0x3f).isEqualTo(INVALID);
    assertThat(result(version, ENABLE + nan + "db e9 " + STATUS) & 0x3f).isZero();
  }

  /** Volume 1, table 4-7: a conversion of a signalling NaN is invalid and gives a quiet one. */
  @OnBothLibraries
  void loadingOfASignallingNanMakesItQuiet(String version) {
    // push 0x7f811111; fld dword [rsp]
    String single = "68 11 11 81 7f d9 04 24 ";
    // mov rbx, 0x7ff1000000000000; push rbx; fld qword [rsp]
    String wide = "48 bb 00 00 00 00 00 00 f1 7f 53 dd 04 24 ";
    for (String load : List.of(single, wide)) {
      assertThat(result(version, ENABLE + load + STATUS) & 0x3f).isEqualTo(INVALID);
      // fld1; fnclex; fucomi st, st(1)
      String compared = ENABLE + load + "d9 e8 db e2 db e9 " + STATUS;
      assertThat(result(version, compared) & 0x3f).isZero();
      // fnclex; fstp tbyte [rsp]; mov rax, [rsp]; hlt
      long significand = result(version, ENABLE + load + "db e2 db 3c 24 48 8b 04 24 f4");
      assertThat(significand >>> 62).as("integer bit and quiet bit").isEqualTo(3);
    }
    String infinity = "68 00 00 80 7f d9 04 24 "; // push 0x7f800000; fld dword [rsp]
    assertThat(result(version, ENABLE + infinity + "db 3c 24 48 8b 04 24 f4"))
        .isEqualTo(Long.MIN_VALUE);
  }

  @OnBothLibraries
  void storingOfASignallingNanMakesItQuiet(String version) {
    // push 0x7fff; mov rbx, 0x9111111111111111; push rbx; fld tbyte [rsp]; push 0
    String load = "68 ff 7f 00 00 48 bb 11 11 11 11 11 11 11 91 53 db 2c 24 6a 00 ";
    String number = "d9 e8 6a 00 "; // fld1; push 0
    String asSingle = "d9 1c 24 58 f4"; // fstp dword [rsp]; pop rax; hlt
    String asDouble = "dd 1c 24 58 f4"; // fstp qword [rsp]; pop rax; hlt
    assertThat(result(version, ENABLE + load + asSingle)).isEqualTo(0x7fd1_1111L);
    assertThat(result(version, ENABLE + load + asDouble)).isEqualTo(0x7ffa_2222_2222_2222L);
    assertThat(result(version, ENABLE + number + asSingle)).isEqualTo(0x3f80_0000L);
    assertThat(result(version, ENABLE + number + asDouble)).isEqualTo(0x3ff0_0000_0000_0000L);
  }

  @OnBothLibraries
  void anExceptionThatIsNotMaskedSetsTheSummary(String version) {
    // push 0x37e (invalid not masked); fldcw [rsp]; fldz; fldz; fdivp
    String divide = "68 7e 03 00 00 d9 2c 24 d9 ee d9 ee de f9 ";
    assertThat(result(version, ENABLE + divide + STATUS) & (SUMMARY_AND_BUSY | INVALID))
        .isEqualTo(SUMMARY_AND_BUSY | INVALID);
  }

  @OnBothLibraries
  void savedAndRestoredStateCarriesTheExceptions(String version) {
    // lea rbx, [0x30000]; fxsave [rbx]; fninit; fxrstor [rbx]
    String saved = "48 c7 c3 00 00 03 00 0f ae 03 db e3 0f ae 0b ";
    assertThat(result(version, ENABLE + THIRD + saved + STATUS) & 0x3f).isEqualTo(INEXACT);
    String clean = "48 c7 c3 00 00 03 00 0f ae 03 ";
    assertThat(result(version, ENABLE + clean + THIRD + "0f ae 0b " + STATUS) & 0x3f).isZero();
  }

  @OnBothLibraries
  void aRoundedResultOfSseIsInexact(String version) {
    String start = ENABLE + SSE_RESET + SSE_VALUES;
    assertThat(result(version, start + SSE_STATUS) & 0x3f).isZero();
    assertThat(result(version, start + SSE_THIRD + SSE_STATUS) & 0x3f).isEqualTo(INEXACT);
  }

  @OnBothLibraries
  void divisionByZeroAndInvalidOperationsOfSseAreNoted(String version) {
    String start = ENABLE + SSE_RESET + SSE_VALUES;
    // divsd xmm1, xmm0; divsd xmm0, xmm0
    assertThat(result(version, start + "f2 0f 5e c8 " + SSE_STATUS) & 0x3f).isEqualTo(ZERO_DIVIDE);
    assertThat(result(version, start + "f2 0f 5e c0 " + SSE_STATUS) & 0x3f).isEqualTo(INVALID);
    // divsd xmm0, xmm0; stmxcsr cleared; ucomisd xmm0, xmm1: quiet; comisd xmm0, xmm1: invalid
    String nan = start + "f2 0f 5e c0 c7 04 24 80 1f 00 00 0f ae 14 24 ";
    assertThat(result(version, nan + "66 0f 2e c1 " + SSE_STATUS) & 0x3f).isZero();
    assertThat(result(version, nan + "66 0f 2f c1 " + SSE_STATUS) & 0x3f).isEqualTo(INVALID);
    // cvttsd2si eax, xmm0 of a NaN
    assertThat(result(version, nan + "f2 0f 2c c8 " + SSE_STATUS) & 0x3f).isEqualTo(INVALID);
  }

  @OnBothLibraries
  void aClearedExceptionIsRaisedAgain(String version) {
    String clear = "c7 04 24 80 1f 00 00 0f ae 14 24 "; // mov dword [rsp], 0x1f80; ldmxcsr [rsp]
    String start = ENABLE + SSE_RESET + SSE_VALUES + SSE_THIRD + clear;
    assertThat(result(version, start + SSE_STATUS) & 0x3f).isZero();
    assertThat(result(version, start + SSE_THIRD + SSE_STATUS) & 0x3f).isEqualTo(INEXACT);
  }

  /** Volume 2, ROUNDSD: bit 3 of the mode suppresses "inexact", nothing else. */
  @OnBothLibraries
  void roundingIsInexactUnlessToldOtherwise(String version) {
    String third = ENABLE + SSE_VALUES + SSE_THIRD + SSE_RESET; // xmm3 = 1 / 3
    String inexact = third + "66 0f 3a 0b e3 03 " + SSE_STATUS; // roundsd xmm4, xmm3, truncate
    String quiet = third + "66 0f 3a 0b e3 0b " + SSE_STATUS;
    assertThat(result(version, inexact) & 0x3f).isEqualTo(INEXACT);
    assertThat(result(version, quiet) & 0x3f).isZero();
    // mov rax, 0x7ff0000000000001; movq xmm3, rax: a signalling NaN
    String signalling = ENABLE + SSE_RESET + "48 b8 01 00 00 00 00 00 f0 7f 66 48 0f 6e d8 ";
    assertThat(result(version, signalling + "66 0f 3a 0b e3 0b " + SSE_STATUS) & 0x3f)
        .isEqualTo(INVALID);
  }

  @OnBothLibraries
  void whatWasRaisedBeforeStaysAfterAQuietRounding(String version) {
    // divsd xmm3, xmm1 is inexact; roundsd xmm4, xmm3, 0x0b
    String code = ENABLE + SSE_VALUES + SSE_RESET + SSE_THIRD + "66 0f 3a 0b e3 0b " + SSE_STATUS;
    assertThat(result(version, code) & 0x3f).isEqualTo(INEXACT);
  }

  /** Volume 2, RCPSS and RSQRTSS: no exceptions, whatever the operand. */
  @OnBothLibraries
  void approximateReciprocalsRaiseNothing(String version) {
    // xmm0 is 0; mov eax, 3; cvtsi2ss xmm1, eax
    String values = ENABLE + SSE_VALUES + "b8 03 00 00 00 f3 0f 2a c8 " + SSE_RESET;
    for (String operation :
        List.of("f3 0f 53 e0 ", "f3 0f 53 e1 ", "f3 0f 52 e0 ", "f3 0f 52 e1 ")) {
      assertThat(result(version, values + operation + SSE_STATUS) & 0x3f).isZero();
    }
  }

  /** Volume 2, FPREM: its result is exact; FSCALE's is, unless it is denormal. */
  @OnBothLibraries
  void remaindersAndScalingAreExact(String version) {
    // fld1; fldpi; fprem, fprem1: pi modulo 1; fldpi; fld1; fscale: 1 times 2 to the 3
    for (String code : List.of("d9 e8 d9 eb d9 f8 ", "d9 e8 d9 eb d9 f5 ", "d9 eb d9 e8 d9 fd ")) {
      assertThat(result(version, ENABLE + code + STATUS) & 0x3f).as(code).isZero();
    }
  }
}
