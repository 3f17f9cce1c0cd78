package dev.monoceros.unicorn;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.LongToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * REP STOS and REP MOVS, many elements at a time. The engine makes a block of the instruction that
 * moves one element and goes back to its own start. What is made here is called at that start in
 * place of {@link BudgetStub}: it moves as many elements at once as the rest of both pages and the
 * budget allow, but the last one, and goes on to the budget's code, so that the block does the
 * rest. It does nothing where a page is not in the engine's TLB for what is to be done with it,
 * with RFLAGS.DF or RFLAGS.RF set, and for what a page table, a watchpoint or a device must see.
 *
 * <p>To the guest nothing differs: the budget, and with it time, is charged for every element as if
 * the block had run for it, and the CPU can be interrupted in the same places.
 */
final class StringRuns {
  /** {@code void f(engine, address, size, cell)}, with the CPU's registers at RBP. */
  private static final String CODE =
      """
      83bd{df}01               ; cmp dword [rbp+df],0x1   <start>
      0f853d010000             ; jne out
      f685{rf}01               ; test byte [rbp+rf],0x1
      0f8530010000             ; jne out
      4c8b9d{rcx}              ; mov r11,[rbp+rcx]
      4983eb01                 ; sub r11,0x1
      0f861f010000             ; jbe out
      488b85{rdi}              ; mov rax,[rbp+rdi]
      4189c0                   ; mov r8d,eax
      4181e0ff0f0000           ; and r8d,0xfff
      41f7d8                   ; neg r8d
      4181c000100000           ; add r8d,0x1000
      41c1e8{shift}            ; shr r8d,shift
      4d39c3                   ; cmp r11,r8
      4d0f47d8                 ; cmova r11,r8
      {limited}                ; jmp limited, or nothing
      4c8b95{rsi}              ; mov r10,[rbp+rsi]
      4589d0                   ; mov r8d,r10d
      4181e0ff0f0000           ; and r8d,0xfff
      41f7d8                   ; neg r8d
      4181c000100000           ; add r8d,0x1000
      41c1e8{shift}            ; shr r8d,shift
      4d39c3                   ; cmp r11,r8
      4d0f47d8                 ; cmova r11,r8
      4c8b01                   ; mov r8,[rcx]   <limited>
      4d89d9                   ; mov r9,r11
      4c0fafca                 ; imul r9,rdx
      4d39c1                   ; cmp r9,r8
      7e1b                     ; jle affordable
      4d85c0                   ; test r8,r8
      0f88b9000000             ; js out
      50                       ; push rax
      52                       ; push rdx
      4989d1                   ; mov r9,rdx
      4c89c0                   ; mov rax,r8
      31d2                     ; xor edx,edx
      49f7f1                   ; div r9
      4989c3                   ; mov r11,rax
      5a                       ; pop rdx
      58                       ; pop rax
      4d85db                   ; test r11,r11   <affordable>
      0f849e000000             ; je out
      4989c0                   ; mov r8,rax
      49c1e806                 ; shr r8,0x6
      4c2385{mask}             ; and r8,[rbp+mask]
      4c0385{table}            ; add r8,[rbp+table]
      4989c1                   ; mov r9,rax
      4981e100f0ffff           ; and r9,0xfffffffffffff000
      4d3b4808                 ; cmp r9,[r8+0x8]
      7579                     ; jne out
      49034020                 ; add rax,[r8+0x20]
      {found}                  ; jmp found, or nothing
      4d89d0                   ; mov r8,r10
      49c1e806                 ; shr r8,0x6
      4c2385{mask}             ; and r8,[rbp+mask]
      4c0385{table}            ; add r8,[rbp+table]
      4d89d1                   ; mov r9,r10
      4981e100f0ffff           ; and r9,0xfffffffffffff000
      4d3b08                   ; cmp r9,[r8]
      754f                     ; jne out
      4d035020                 ; add r10,[r8+0x20]
      56                       ; push rsi   <found>
      57                       ; push rdi
      51                       ; push rcx
      4889c7                   ; mov rdi,rax
      4c89d6                   ; mov rsi,r10
      488b85{rax}              ; mov rax,[rbp+rax]
      4c89d9                   ; mov rcx,r11
      83f920                   ; cmp ecx,0x20
      7708                     ; ja many
      {once}                   ; stos or movs   <few>
      ffc9                     ; dec ecx
      75fa                     ; jne few
      eb03                     ; jmp done
      f3{once}                 ; rep stos or movs   <many>
      59                       ; pop rcx   <done>
      5f                       ; pop rdi
      5e                       ; pop rsi
      4c299d{rcx}              ; sub [rbp+rcx],r11
      4d89d8                   ; mov r8,r11
      4c0fafc2                 ; imul r8,rdx
      4c2901                   ; sub [rcx],r8
      49c1e3{shift}            ; shl r11,shift
      4c019d{rdi}              ; add [rbp+rdi],r11
      {moved}                  ; jmp out, or nothing
      4c019d{rsi}              ; add [rbp+rsi],r11
      48b8{budget}             ; movabs rax,budget   <out>
      ffe0                     ; jmp rax
      """;

  private static final String MASK = "4823(7d..|bd.{8})";
  private static final String TABLE = "4803(7d..|bd.{8})";

  /**
   * How the engine finds a page in its TLB: a load's comparand is the first, a store's the second.
   */
  private static final Pattern LOOKUP =
      Pattern.compile(
          "48c1ef06" + MASK + TABLE + ".{6,16}?4881e600f0ffff483b(37|7708).{6}0f85.{8}48037720");

  /** The direction, times the size of an element. */
  private static final Pattern STEP =
      Pattern.compile("4[8c]63(?:[89ab][5d])(.{8})(?:4[89]c1e.(0.)|4[89c]03)");

  private static final String IS_ZERO = "4[8c]8b[4-7][5d]084[8d]85..0f8[45].*";

  private static final int PC = 0;
  private static final int FLAGS = 0x10;
  private static final int SIZE = 0x14;
  private static final int EMITTED = 0x20;
  private static final int FLAG_CS64 = 1 << 15;

  /** Interrupts inhibited by the instruction before, RFLAGS.TF, RFLAGS.RF. */
  private static final int FLAGS_STEP = 1 << 3 | 1 << 8 | 1 << 16;

  private static final int RF_BYTE = 2;

  /** What a call in a block can bridge, less more than the block's length. */
  private static final long REACH = Integer.MAX_VALUE - 65536L;

  private static final String LOAD = "37";
  private static final byte[] NOTHING = HostCode.bytes(0x66, 0x90);

  /**
   * An instruction: how many bits to shift by for an element's size, and what it is without REP.
   */
  private record Instruction(boolean moves, int shift, byte[] once) {}

  private record Place(boolean moves, int shift, int mask, int table, int direction) {}

  private static final Map<Integer, Instruction> INSTRUCTIONS =
      Map.of(
          0xaaf3, new Instruction(false, 0, HostCode.bytes(0xaa, 0x90)),
          0xabf3, new Instruction(false, 2, HostCode.bytes(0xab, 0x90)),
          0xab48f3, new Instruction(false, 3, HostCode.bytes(0x48, 0xab)),
          0xa4f3, new Instruction(true, 0, HostCode.bytes(0xa4, 0x90)),
          0xa5f3, new Instruction(true, 2, HostCode.bytes(0xa5, 0x90)),
          0xa548f3, new Instruction(true, 3, HostCode.bytes(0x48, 0xa5)));

  private final StateLayout layout;
  private final long budget;
  private final Map<Place, Long> codes = new HashMap<>();

  /**
   * For CPU state as {@code layout} has it.
   *
   * @param budget the code to go on with
   */
  StringRuns(StateLayout layout, long budget) {
    this.layout = layout;
    this.budget = budget;
  }

  /**
   * What a block of one instruction may call.
   *
   * @param block the engine's {@code TranslationBlock}
   * @param length of the code emitted for it, in bytes
   * @param guest reads a byte of the guest's code, -1 where there is none
   * @return the address of the code; 0 where the block is no REP STOS or REP MOVS, or looks
   *     otherwise than known
   */
  long codeFor(long block, int length, LongToIntFunction guest) {
    int flags = HostMemory.getInt(block + FLAGS);
    if ((flags & FLAG_CS64) == 0 || (flags & FLAGS_STEP) != 0) {
      return 0;
    }
    int opcode = 0;
    for (int i = HostMemory.getShort(block + SIZE) - 1; i >= 0; i--) {
      opcode = opcode << 8 | guest.applyAsInt(HostMemory.getLong(block + PC) + i);
    }
    Instruction instruction = INSTRUCTIONS.get(opcode);
    if (instruction == null) {
      return 0;
    }
    Place place = place(emitted(block, length), instruction);
    if (place == null) {
      return 0;
    }
    long code = codeOf(place, instruction);
    long distance = Math.abs(code - HostMemory.getLong(block + EMITTED));
    return distance < REACH ? code : 0;
  }

  private static String emitted(long block, int length) {
    long from = HostMemory.getLong(block + EMITTED);
    byte[] code = new byte[length];
    for (int i = 0; i < length; i++) {
      code[i] = HostMemory.getByte(from + i);
    }
    return HexFormat.of().formatHex(code);
  }

  /** Null unless the code does what the instruction should do, and nothing else with memory. */
  private static Place place(String code, Instruction instruction) {
    Matcher step = STEP.matcher(code);
    if (!Pattern.compile(IS_ZERO).matcher(code).find() || !step.find()) {
      return null;
    }
    int shift = step.group(2) == null ? 0 : Integer.parseInt(step.group(2), 16);
    Matcher lookup = LOOKUP.matcher(code);
    StringBuilder accesses = new StringBuilder();
    String mask = "";
    String table = "";
    while (lookup.find()) {
      accesses.append(lookup.group(3).equals(LOAD) ? 'l' : 's');
      mask = lookup.group(1);
      table = lookup.group(2);
    }
    boolean same = accesses.toString().equals(instruction.moves() ? "ls" : "s");
    return same && shift == instruction.shift()
        ? new Place(
            instruction.moves(),
            shift,
            displacement(mask),
            displacement(table),
            little(step.group(1)))
        : null;
  }

  private static int displacement(String operand) {
    String digits = operand.substring(2);
    return digits.length() == 2 ? (byte) Integer.parseInt(digits, 16) : little(digits);
  }

  private static int little(String digits) {
    return Integer.reverseBytes(Integer.parseUnsignedInt(digits, 16));
  }

  private synchronized long codeOf(Place place, Instruction instruction) {
    return codes.computeIfAbsent(
        place, key -> HostMemory.mapCode(code(key, instruction)).address());
  }

  private byte[] code(Place place, Instruction instruction) {
    boolean moves = place.moves();
    return new Listing(CODE)
        .set("df", place.direction())
        .set("rf", layout.rflags() + RF_BYTE)
        .set("rax", general(CpuState.RAX))
        .set("rcx", general(CpuState.RCX))
        .set("rsi", general(CpuState.RSI))
        .set("rdi", general(CpuState.RDI))
        .set("mask", place.mask())
        .set("table", place.table())
        .set("shift", HostCode.bytes(place.shift()))
        .set("once", instruction.once())
        .set("limited", moves ? NOTHING : HostCode.bytes(0xeb, 0x26))
        .set("found", moves ? NOTHING : HostCode.bytes(0xeb, 0x28))
        .set("moved", moves ? NOTHING : HostCode.bytes(0xeb, 0x07))
        .set("budget", budget)
        .bytes();
  }

  private int general(int register) {
    return layout.general() + register * Long.BYTES;
  }
}
