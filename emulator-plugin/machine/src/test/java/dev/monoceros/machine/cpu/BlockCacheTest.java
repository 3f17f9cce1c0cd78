package dev.monoceros.machine.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.unicorn.CpuState;
import java.util.HexFormat;

/**
 * Blocks of code that all want the same place of the engine's cache of blocks, so that {@code
 * JumpCache} behind it is what finds them: it must forget them with the TLB and when they change.
 */
class BlockCacheTest {
  private static final long PAGE = 0x30000;
  private static final long OTHER = 0x32000;
  private static final long PAGE_ENTRY = CpuRig.PT + (PAGE >>> 12) * Long.BYTES;
  private static final int ROUNDS = 50;
  private static final String HLT = "f4";
  private static final String RELOAD_CR3 = "0f 20 d9 0f 22 d9"; // mov rcx, cr3; mov cr3, rcx

  /** In one page, addresses whose bits 0-5 equal their bits 6-11 share one place. */
  private static long place(long page, int i) {
    return page + 64L * i + i;
  }

  /** {@code add rax, value; ret} for each. */
  private static void functions(CpuRig rig, long page, int count, int value) {
    for (int i = 0; i < count; i++) {
      rig.code(place(page, i), "48 83 c0 " + hex(value + i, 1) + "c3");
    }
  }

  /** {@code mov r8d, ROUNDS; again: (mov rbx, f; call rbx) ...; dec r8d; jnz again}. */
  private static String calls(int count) {
    StringBuilder body = new StringBuilder();
    for (int i = 0; i < count; i++) {
      body.append("48 c7 c3 ").append(hex(place(PAGE, i), 4)).append("ff d3 ");
    }
    int back = -(count * 9 + 3 + 6);
    return "41 b8 " + hex(ROUNDS, 4) + body + "41 ff c8 0f 85 " + hex(back, 4);
  }

  private static String hex(long value, int bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes; i++) {
      text.append(HexFormat.of().toHexDigits((byte) (value >>> 8 * i))).append(' ');
    }
    return text.toString();
  }

  private static long sum(int count, int value) {
    long sum = 0;
    for (int i = 0; i < count; i++) {
      sum += value + i;
    }
    return ROUNDS * sum;
  }

  private static CpuRig rig(String version) {
    CpuRig rig = new CpuRig(Libraries.get(version));
    rig.map(PAGE, PAGE, CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE);
    rig.map(OTHER, OTHER, CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE);
    return rig;
  }

  /** {@code mov dword [entry of PAGE], OTHER}. */
  private static String remap() {
    long entry = OTHER | CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE;
    return "c7 04 25 " + hex(PAGE_ENTRY, 4) + hex(entry, 4);
  }

  @OnBothLibraries
  void moreBlocksThanAPlaceKeepsAreAllFound(String version) {
    for (int count : new int[] {1, 2, 4, 5, 6, 32}) {
      try (CpuRig rig = rig(version)) {
        functions(rig, PAGE, count, 1);
        rig.run(calls(count) + HLT);
        assertThat(rig.general(CpuState.RAX)).as("%d blocks", count).isEqualTo(sum(count, 1));
      }
    }
  }

  @OnBothLibraries
  void blocksAreForgottenWithThePageTheyWereOn(String version) {
    String invalidate = "0f 01 3c 25 " + hex(PAGE, 4); // invlpg [PAGE]
    for (String forget : new String[] {invalidate, RELOAD_CR3}) {
      for (int count : new int[] {2, 4, 6}) {
        try (CpuRig rig = rig(version)) {
          functions(rig, PAGE, count, 1);
          functions(rig, OTHER, count, 50);
          rig.run(calls(count) + remap() + forget + calls(count) + HLT);
          assertThat(rig.general(CpuState.RAX))
              .as("%d blocks, %s", count, forget)
              .isEqualTo(sum(count, 1) + sum(count, 50));
        }
      }
    }
  }

  @OnBothLibraries
  void aBlockThatIsWrittenOverIsNotRunAgain(String version) {
    for (int count : new int[] {2, 4, 6}) {
      try (CpuRig rig = rig(version)) {
        functions(rig, PAGE, count, 1);
        // mov byte [the first function's value], 101
        String rewrite = "c6 04 25 " + hex(place(PAGE, 0) + 3, 4) + "65";
        rig.run(calls(count) + rewrite + calls(count) + HLT);
        assertThat(rig.general(CpuState.RAX))
            .as("%d blocks", count)
            .isEqualTo(2 * sum(count, 1) + ROUNDS * 100);
      }
    }
  }

  @OnBothLibraries
  void aBlockAcrossTwoPagesIsForgottenWithTheSecond(String version) {
    long second = PAGE + 4096;
    long begin = second - 2;
    long entry = CpuRig.PT + (second >>> 12) * Long.BYTES;
    long other = OTHER + 4096;
    String invalidate = "0f 01 3c 25 " + hex(second, 4); // invlpg [second]
    String call = "48 c7 c3 " + hex(begin, 4) + "ff d3 "; // mov rbx, begin; call rbx
    for (String forget : new String[] {invalidate, RELOAD_CR3}) {
      try (CpuRig rig = rig(version)) {
        rig.code(begin, "48 83 c0 07 c3"); // add rax, 7; ret
        rig.code(other, "c0 09 c3"); // the same with 9, from the second page on
        long present = CpuRig.PAGE_PRESENT | CpuRig.PAGE_WRITE;
        String remap = "c7 04 25 " + hex(entry, 4) + hex(other | present, 4);
        rig.run(call + RELOAD_CR3 + call + remap + forget + call + RELOAD_CR3 + call + HLT);
        assertThat(rig.general(CpuState.RAX)).as(forget).isEqualTo(7 + 7 + 9 + 9);
      }
    }
  }
}
