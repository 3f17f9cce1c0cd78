package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * A block as the engine emits it, with a call of the block hook at its start, and all that the code
 * of {@link InlineBudget} reads: the block's description, the cell and the CPU's registers. It can
 * be run; the block itself returns {@link #RESULT}.
 */
final class EmittedBlock implements AutoCloseable {
  static final int SIZE = 0x1234;
  static final int RESULT = 77;

  /** What is emitted before the call's arguments: mov qword [rbp + 80h], pc. */
  static final String STORE_RIP = "48c78580000000d0299c81";

  static final long PC = 0xffff_ffff_819c_29d0L;
  static final String BLOCK = "b84d000000c39090"; // mov eax, 77; ret
  static final long CS_BASE = 0x1000;

  private static final int FLAGS = 0x10;
  private static final int SIZE_OF_BLOCK = 0x14;
  private static final int INSTRUCTIONS = 0x16;
  private static final int CODE = 0x20;
  private static final int RWX = 7;

  final MemorySegment emitted = HostMemory.map(4096);
  final MemorySegment block = HostMemory.map(4096);
  final MemorySegment registers = HostMemory.map(4096);
  final MemorySegment cell = HostMemory.map(4096);
  final StateLayout layout = TestLibraries.load("2.1.4").layout();
  final InlineBudget budget = new InlineBudget(layout);

  /** Calls of Java, with their arguments. */
  final List<String> calls = new ArrayList<>();

  /** What is answered where new blocks are shown. */
  long answer;

  private final Arena arena = Arena.ofConfined();
  private final TranslatedCall enter = new TranslatedCall();

  EmittedBlock() {
    MemorySegment mprotect = Linker.nativeLinker().defaultLookup().findOrThrow("mprotect");
    if ((int) NativeCalls.call(mprotect, emitted.address(), emitted.byteSize(), RWX) != 0) {
      throw new IllegalStateException("mprotect");
    }
    HostMemory.putLong(block.address() + CODE, emitted.address());
    HostMemory.putLong(cell.address() + 8, upcall("overdrawn"));
    HostMemory.putLong(cell.address() + 24, upcall("exitCheck"));
    HostMemory.putLong(registers.address() + csBase(), CS_BASE);
  }

  private int csBase() {
    return layout.segments() + CpuState.CS * StateLayout.SEGMENT_STRIDE + StateLayout.SEGMENT_BASE;
  }

  private long upcall(String method) {
    try {
      return NativeCalls.upcall(
              MethodHandles.lookup().bind(this, method, NativeCalls.UPCALL), arena)
          .address();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(method, e);
    }
  }

  private long overdrawn(long engine, long address, long size, long cell, long e) {
    calls.add(call("overdrawn", engine, address, size, cell));
    return 0;
  }

  private long exitCheck(long engine, long delaySlot, long c, long d, long e) {
    calls.add("exit check of %x, %d".formatted(engine, delaySlot));
    return 0;
  }

  private long newBlock(long shown, long length, long c, long d, long e) {
    calls.add("new block %x of %d bytes".formatted(shown, length));
    return answer;
  }

  private long other(long engine, long address, long size, long cell, long e) {
    calls.add(call("other", engine, address, size, cell));
    return 0;
  }

  /** How a call with the arguments of a block hook is written down. */
  static String call(String what, long engine, long address, long size, long cell) {
    return "%s: %x, %x, %x, %x".formatted(what, engine, address, size & 0xffff_ffffL, cell);
  }

  /** Describes the block: RFLAGS and other flags it is for, bytes and number of instructions. */
  EmittedBlock describe(int flags, int size, int instructions) {
    HostMemory.putInt(block.address() + FLAGS, flags);
    HostMemory.putShort(block.address() + SIZE_OF_BLOCK, (short) size);
    HostMemory.putShort(block.address() + INSTRUCTIONS, (short) instructions);
    return this;
  }

  /** Shows new blocks to Java. */
  void lookAtBlocks() {
    HostMemory.putLong(cell.address() + 48, upcall("newBlock"));
  }

  /** Code for {@link #answer} that writes its arguments down. */
  long otherCode() {
    ByteBuffer jump = HostCode.jump(HostCode.buffer(12), upcall("other"));
    return HostMemory.mapCode(jump.array()).address();
  }

  /** {@code lea rdi, [engine]}, as the first argument. */
  byte[] near(long engine) {
    int behind = STORE_RIP.length() / 2 + 7;
    ByteBuffer load = HostCode.buffer(7).put(HostCode.bytes(0x48, 0x8d, 0x3d));
    return load.putInt((int) (engine - (emitted.address() + behind))).array();
  }

  /** {@code movabs rdi, engine}, as the first argument. */
  static byte[] far(long engine) {
    return HostCode.buffer(10).put(HostCode.bytes(0x48, 0xbf)).putLong(engine).array();
  }

  /** Emits the block, for an engine and a budget of its own. */
  String emit(byte[] load, byte[] pc, int size, long engine) {
    HostMemory.putLong(cell.address() + 40, engine);
    ByteBuffer code = HostCode.buffer(256);
    code.put(HexFormat.of().parseHex(STORE_RIP)).put(load).put(pc);
    code.put((byte) 0xba).putInt(size); // mov edx, size
    code.put(HostCode.bytes(0x48, 0x8d, 0x0d)); // lea rcx, [cell]
    code.putInt((int) (cell.address() - (emitted.address() + code.position() + 4)));
    code.put((byte) 0xe8); // call stub
    code.putInt((int) (budget.stub() - (emitted.address() + code.position() + 4)));
    code.put(HexFormat.of().parseHex(BLOCK));
    MemorySegment.copy(code.array(), 0, emitted, JAVA_BYTE, 0, code.position());
    return hex(code.position());
  }

  /** Has the code behind {@code tcg_gen_code} look at what was emitted. */
  String overwrite(int bytes, int length) {
    byte[] generate = HostCode.buffer(6).put((byte) 0xb8).putInt(length).put((byte) 0xc3).array();
    MemorySegment original = HostMemory.mapCode(generate); // mov eax, length; ret
    MemorySegment around = HostMemory.mapCode(budget.around(original.address()));
    int result = (int) NativeCalls.call(around, 0, block.address());
    HostMemory.unmap(around);
    HostMemory.unmap(original);
    if (result != length) {
      throw new AssertionError(
          "tcg_gen_code no longer returns %d but %d".formatted(length, result));
    }
    return hex(bytes);
  }

  private String hex(int bytes) {
    return HexFormat.of().formatHex(emitted.asSlice(0, bytes).toArray(JAVA_BYTE));
  }

  /** Runs the block with a budget. */
  long run(long bytes, long flags) {
    HostMemory.putLong(cell.address(), bytes);
    HostMemory.putLong(registers.address() + layout.rflags(), flags);
    HostMemory.putLong(cell.address() + 32, registers.address() + layout.rflags());
    calls.clear();
    return enter.call(registers.address(), emitted.address(), 0, 0) & 0xffff_ffffL;
  }

  void stopping() {
    HostMemory.putLong(cell.address() + 16, 1);
  }

  long left() {
    return HostMemory.getLong(cell.address());
  }

  long flags() {
    return HostMemory.getLong(registers.address() + layout.rflags());
  }

  @Override
  public void close() {
    List.of(emitted, block, registers, cell).forEach(HostMemory::unmap);
    enter.close();
    arena.close();
  }
}
