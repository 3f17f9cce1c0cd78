package dev.monoceros.unicorn;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** Calls host code as the engine's translated code does, which has the CPU's registers at RBP. */
final class TranslatedCall implements AutoCloseable {
  /** push rbp; sub rsp, 8; mov rbp, rdi; call rsi; add rsp, 8; pop rbp; ret: aligned as there. */
  private static final byte[] ENTER = HexFormat.of().parseHex("554883ec084889fdffd64883c4085dc3");

  private final MemorySegment enter = HostMemory.mapCode(ENTER);

  /**
   * Calls some code.
   *
   * @param registers the CPU's
   * @param third the code's third argument, and so on; the first two mean nothing
   */
  long call(long registers, long code, long third, long fourth) {
    return NativeCalls.call(enter, registers, code, third, fourth);
  }

  @Override
  public void close() {
    HostMemory.unmap(enter);
  }
}
