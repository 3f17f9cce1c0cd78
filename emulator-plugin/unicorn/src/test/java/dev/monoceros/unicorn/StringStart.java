package dev.monoceros.unicorn;

import java.util.HexFormat;
import java.util.List;

/**
 * What a string instruction begins with, on a {@link StringRig}.
 *
 * @param code the instruction, in hexadecimal
 * @param at where it is
 * @param leading code before it, in hexadecimal
 * @param flags RFLAGS
 * @param hidden those of {@link #HIDDEN} that are set
 * @param holes pages of data that are not plain RAM; of two for one page the latter counts
 * @param budgets the budget to begin with, and those given when it is overdrawn; then it suffices
 * @param stop whether the engine is stopped, and started again, when the budget is overdrawn
 */
record StringStart(
    String code,
    long at,
    String leading,
    long rax,
    long rcx,
    long rdi,
    long rsi,
    long flags,
    int hidden,
    List<Hole> holes,
    List<Long> budgets,
    boolean stop) {

  static final long FLAG_TF = 1 << 8;
  static final long FLAG_DF = 1 << 10;
  static final long FLAG_RF = 1 << 16;

  /** cmp al, [rdi]; jmp: the page is in the TLB, for reading, when the instruction begins. */
  static final String READS_DESTINATION = "3a07eb00";

  /** cmp al, [rsi]; jmp. */
  static final String READS_SOURCE = "3a06eb00";

  /** A flag of {@link CpuState#hidden} that chooses another of the engine's TLBs: CR4.SMAP. */
  static final int HIDDEN_SMAP = 1 << 23;

  /** What is chosen of the hidden flags. */
  static final int HIDDEN =
      CpuState.HIDDEN_CPL
          | CpuState.HIDDEN_INHIBIT_IRQ
          | CpuState.HIDDEN_CS32
          | CpuState.HIDDEN_CS64
          | HIDDEN_SMAP;

  private static final long FLAGS = 0x202;

  /** What a page of data is. */
  enum Kind {
    RAM,
    /** RAM that is granted for reading only up to the first store. */
    CLEAN,
    READ_ONLY,
    ABSENT,
    DEVICE
  }

  /**
   * A page of data.
   *
   * @param frame which page of RAM it is
   */
  record Hole(int page, Kind kind, int frame) {
    Hole(int page, Kind kind) {
      this(page, kind, page);
    }
  }

  /** An instruction at the start of a block, on plain RAM, with a budget that suffices. */
  static StringStart of(String code, long rcx, long rdi, long rsi) {
    return new StringStart(
        code,
        StringRig.CODE,
        "",
        0x1122_3344_5566_7788L,
        rcx,
        rdi,
        rsi,
        FLAGS,
        CpuState.HIDDEN_CS64,
        List.of(),
        List.of(StringRig.PLENTY),
        false);
  }

  StringStart behind(String other) {
    return new StringStart(
        code, at, other, rax, rcx, rdi, rsi, flags, hidden, holes, budgets, stop);
  }

  StringStart flags(long set) {
    return new StringStart(
        code, at, leading, rax, rcx, rdi, rsi, FLAGS | set, hidden, holes, budgets, stop);
  }

  StringStart hidden(int only) {
    return new StringStart(
        code, at, leading, rax, rcx, rdi, rsi, flags, only, holes, budgets, stop);
  }

  StringStart holes(Hole... some) {
    return new StringStart(
        code, at, leading, rax, rcx, rdi, rsi, flags, hidden, List.of(some), budgets, stop);
  }

  StringStart stopping(Long... some) {
    return new StringStart(
        code, at, leading, rax, rcx, rdi, rsi, flags, hidden, holes, List.of(some), true);
  }

  /** The instruction's length in bytes. */
  int length() {
    return HexFormat.of().parseHex(code).length;
  }
}
