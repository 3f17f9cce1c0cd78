package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of an emitted call of the block hook, in all forms that the engine emits it in. */
class InlineBudgetTest {
  private static final int SIZE = 0x1234;
  private static final int CODE_OF_BLOCK = 0x20;
  private static final int ENGINE_OF_CELL = 40;
  private static final String STORE_RIP = "48c78580000000d0299c81"; // mov qword [rbp + 80h], pc
  private static final String PC = "48c7c6d0299c81"; // mov rsi, pc
  private static final String BLOCK = "4c8b6538c3909090";

  private final MemorySegment emitted = HostMemory.map(4096);
  private final MemorySegment block = HostMemory.map(4096);
  private final MemorySegment cell = HostMemory.map(4096);
  private final InlineBudget budget = new InlineBudget(TestLibraries.load("2.1.4").layout());

  @AfterEach
  void unmap() {
    HostMemory.unmap(emitted);
    HostMemory.unmap(block);
    HostMemory.unmap(cell);
  }

  /** Emits a call with the engine's handle loaded by {@code load}, and has it overwritten. */
  private String overwritten(byte[] load, long engine) {
    HostMemory.putLong(cell.address() + ENGINE_OF_CELL, engine);
    HostMemory.putLong(block.address() + CODE_OF_BLOCK, emitted.address());
    ByteBuffer code = HostCode.buffer(128);
    code.put(HexFormat.of().parseHex(STORE_RIP)).put(load).put(HexFormat.of().parseHex(PC));
    code.put((byte) 0xba).putInt(SIZE); // mov edx, size
    code.put(HostCode.bytes(0x48, 0x8d, 0x0d)); // lea rcx, [cell]
    code.putInt((int) (cell.address() - (emitted.address() + code.position() + 4)));
    code.put((byte) 0xe8); // call stub
    code.putInt((int) (budget.stub() - (emitted.address() + code.position() + 4)));
    code.put(HexFormat.of().parseHex(BLOCK));
    MemorySegment.copy(code.array(), 0, emitted, JAVA_BYTE, 0, code.position());
    byte[] generate = HostCode.bytes(0xb8, 100, 0, 0, 0, 0xc3); // mov eax, 100; ret
    MemorySegment original = HostMemory.mapCode(generate);
    MemorySegment around = HostMemory.mapCode(budget.around(original.address()));
    assertThat((int) NativeCalls.call(around, 0, block.address())).isEqualTo(100);
    HostMemory.unmap(around);
    HostMemory.unmap(original);
    byte[] result = new byte[code.position()];
    MemorySegment.copy(emitted, JAVA_BYTE, 0, result, 0, result.length);
    return HexFormat.of().formatHex(result);
  }

  private String subtraction() {
    int from = STORE_RIP.length() / 2 + 11;
    int distance = (int) (cell.address() - (emitted.address() + from));
    return "48812d"
        + HexFormat.of().toHexDigits(Integer.reverseBytes(distance))
        + "34120000"
        + "7809f685";
  }

  private byte[] near(long engine) {
    int behind = STORE_RIP.length() / 2 + 7;
    ByteBuffer load = HostCode.buffer(7).put(HostCode.bytes(0x48, 0x8d, 0x3d));
    return load.putInt((int) (engine - (emitted.address() + behind))).array();
  }

  private static byte[] far(long engine) {
    return HostCode.buffer(10).put(HostCode.bytes(0x48, 0xbf)).putLong(engine).array();
  }

  @Test
  void aCallIsOverwrittenWhereTheEnginesHandleIsNear() {
    long engine = cell.address() + 0x100;
    assertThat(overwritten(near(engine), engine))
        .startsWith(STORE_RIP + subtraction())
        .endsWith(BLOCK);
  }

  @Test
  void aCallIsOverwrittenWhereTheEnginesHandleIsFar() {
    long engine = 0x5555_1234_5678L;
    assertThat(overwritten(far(engine), engine))
        .startsWith(STORE_RIP + subtraction())
        .endsWith(BLOCK);
  }

  @Test
  void aCallWithAnotherFirstArgumentStays() {
    byte[] load = far(0x5555_1234_5678L);
    assertThat(overwritten(load, 0x5555_1234_5680L))
        .startsWith(STORE_RIP + HexFormat.of().formatHex(load) + PC + "ba34120000488d0d")
        .endsWith(BLOCK);
  }
}
