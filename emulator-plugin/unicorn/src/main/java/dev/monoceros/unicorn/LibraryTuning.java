package dev.monoceros.unicorn;

import static dev.monoceros.unicorn.HostCode.bytes;

import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/**
 * Adjustments of a loaded libunicorn, made in this process's copy of its tables of imports. The
 * builds call even their own exported functions through such tables, so a function can be replaced
 * by changing one pointer, or two for a helper. Each is changed only if exactly these are found;
 * without them everything works, but slower, less repeatably, or without floating-point exceptions
 * and data breakpoints.
 *
 * <p><b>The exit check.</b> Translated code looks for a stop request at every block and after every
 * load; from 2.1.2 on it calls a helper for that, and all guest registers are spilled around the
 * call. Here {@code tcg_gen_callN}, which emits calls of helpers, is made to leave this one out.
 * Stopping is then up to the block hook's stub, which calls the helper itself (see {@link
 * BudgetStub}).
 *
 * <p><b>The dirty flags.</b> At every translation the engine walks its whole TLB to catch later
 * stores to the page ({@code tlb_reset_dirty_by_vaddr}). Our TLB hook never leaves a page that
 * holds translated code writable, so the walk finds nothing and is left out.
 *
 * <p><b>The restored RIP.</b> Before every call of the TLB hook the engine looks up the translated
 * block and restores RIP from it ({@code cpu_restore_state}), which costs more than the rest of a
 * miss. The hook needs no RIP, and a refused translation restores it again on its way out; so for
 * this caller the function is skipped. Inside a TLB hook RIP is then not exact. It is skipped for
 * RDTSC and SYSCALL, too, before which translated code stores RIP anyway.
 *
 * <p><b>Breakpoints by DR0 to DR3.</b> 2.1.1 emits broken code for a block that a guest's
 * breakpoint begins, and the process dies of it. There {@code cpu_breakpoint_insert} is made to
 * fail, so that the breakpoint is never met.
 *
 * <p><b>IA32_APIC_BASE</b> has a value through {@link ApicBase}.
 *
 * <p><b>Data breakpoints</b> are met through {@link DataBreakpoints}.
 *
 * <p><b>Floating-point exceptions</b> are shown to the guest by {@link FloatFlags}; signalling NaNs
 * are silenced by {@link QuietNan}.
 *
 * <p><b>The code buffer</b> is put where direct calls reach, see {@link CodeBufferPlace}.
 *
 * <p><b>The block hook</b> is not called where {@link InlineBudget} counts in its place.
 *
 * <p><b>A second cache of blocks</b> stands behind the engine's own, see {@link JumpCache}.
 *
 * <p><b>The host clock.</b> The size of the engine's software TLB follows its use over windows of
 * host time ({@code gettimeofday}); a different size means different misses, and so accessed bits
 * set at different times: the host's clock would leak into the guest. The import is pointed at a
 * function whose clock stands still, so that the TLB only grows.
 */
final class LibraryTuning {
  private static final String EMIT_EXIT_CHECK = "check_exit_request_x86_64";
  private static final String TRANSLATOR = "gen_intermediate_code_x86_64";
  private static final String EMIT_CALL = "tcg_gen_callN_x86_64";
  private static final String EXIT_CHECK = "helper_check_exit_request_x86_64";
  private static final String RESET_DIRTY = "tlb_reset_dirty_by_vaddr_x86_64";
  private static final String RESTORE = "cpu_restore_state_x86_64";
  private static final String RDTSC = "helper_rdtsc_x86_64";
  private static final String SYSCALL = "helper_syscall_x86_64";
  private static final String FILL = "unicorn_fill_tlb_x86_64";
  private static final String INSERT_BREAKPOINT = "cpu_breakpoint_insert_x86_64";
  private static final String INSERT_WATCHPOINT = "cpu_watchpoint_insert_x86_64";
  private static final String WATCHPOINT_MATCHES = "cpu_watchpoint_address_matches_x86_64";
  private static final String CHECK_WATCHPOINT = "cpu_check_watchpoint_x86_64";
  private static final String FLUSH_PAGE = "tlb_flush_page_x86_64";
  private static final String EXIT = "cpu_loop_exit_noexc_x86_64";
  private static final String RAISE = "float_raise_x86_64";
  private static final String RAISE_EXCEPTION = "raise_exception_err_x86_64";
  private static final String LDMXCSR = "helper_ldmxcsr_x86_64";
  private static final String FXRSTOR = "helper_fxrstor_x86_64";
  private static final String RDMSR = "helper_rdmsr_x86_64";
  private static final String FSCALE = "helper_fscale_x86_64";
  private static final List<String> REMAINDERS =
      List.of("helper_fprem_x86_64", "helper_fprem1_x86_64");
  private static final List<String> RECIPROCALS =
      List.of(
          "helper_rcpss_x86_64",
          "helper_rcpps_x86_64",
          "helper_rsqrtss_x86_64",
          "helper_rsqrtps_x86_64");
  private static final List<String> ROUNDS =
      List.of(
          "helper_roundss_xmm_x86_64",
          "helper_roundsd_xmm_x86_64",
          "helper_roundps_xmm_x86_64",
          "helper_roundpd_xmm_x86_64");
  private static final List<String> X87_HELPERS =
      List.of(
          "helper_fnstsw_x86_64",
          "helper_fstenv_x86_64",
          "helper_fsave_x86_64",
          "helper_fxsave_x86_64",
          "helper_fwait_x86_64",
          "helper_fclex_x86_64",
          "helper_fninit_x86_64",
          "helper_fldenv_x86_64",
          "helper_frstor_x86_64");
  private static final List<String> OF_TWO =
      ofBothWidths(
          List.of(
              "add",
              "sub",
              "mul",
              "div",
              "compare",
              "compare_quiet",
              "eq_quiet",
              "le",
              "lt",
              "unordered_quiet"));
  private static final List<String> OF_ONE =
      ofBothWidths(
          List.of(
              "sqrt",
              "round_to_int",
              "to_int32",
              "to_int32_round_to_zero",
              "to_int64",
              "to_int64_round_to_zero",
              "to_float32",
              "to_float64"));
  private static final String FROM_SINGLE = "float32_to_floatx80_x86_64";
  private static final String FROM_DOUBLE = "float64_to_floatx80_x86_64";
  private static final String TO_SINGLE = "floatx80_to_float32_x86_64";
  private static final String TO_DOUBLE = "floatx80_to_float64_x86_64";
  private static final String FIND_BLOCK = "tb_htable_lookup_x86_64";
  private static final String RESET_BLOCKS = "tcg_region_reset_all_x86_64";
  private static final String CODE_PAGE = "get_page_addr_code_x86_64";
  private static final String GENERATE = "tcg_gen_code_x86_64";
  private static final String NEXT_BLOCK = "helper_lookup_tb_ptr_x86_64";
  private static final String CLOCK = "gettimeofday";
  private static final String MAP = "mmap64";
  private static final int CALL_WINDOW = 320;
  private static final int TRANSLATOR_WINDOW = 128 * 1024;
  private static final int OPCODE_CALL = 0xe8;
  private static final int ENDBR64 = 0xfa1e0ff3;
  private static final int[] NOTHING_X86_64 = {0xc3}; // ret

  private static final int[] FAIL_X86_64 = {
    0xb8, 0xff, 0xff, 0xff, 0xff, // mov eax, -1
    0xc3, // ret
  };

  private static final int[] CLOCK_X86_64 = {
    0x48, 0xc7, 0x07, 0, 0, 0, 0, // mov qword [rdi], 0
    0x48, 0xc7, 0x47, 0x08, 0, 0, 0, 0, // mov qword [rdi + 8], 0
    0x31, 0xc0, // xor eax, eax
    0xc3, // ret
  };

  private final Map<String, Long> functions = new HashMap<>();
  private final HostMaps maps;
  private final CodePointers pointers;
  private final List<HostMaps.Range> text;

  private LibraryTuning(SymbolLookup symbols, Path file) {
    this.maps = HostMaps.read();
    for (String name : names()) {
      symbols.find(name).ifPresent(at -> functions.put(name, at.address()));
    }
    for (String name : List.of(CLOCK, MAP)) {
      Linker.nativeLinker()
          .defaultLookup()
          .find(name)
          .ifPresent(at -> functions.put(name, at.address()));
    }
    this.pointers = CodePointers.find(maps.relocatedOf(file), functions.values());
    this.text = maps.codeOf(file);
  }

  private static List<String> names() {
    List<String> names =
        new ArrayList<>(
            List.of(
                RESET_DIRTY,
                EXIT_CHECK,
                EMIT_CALL,
                EMIT_EXIT_CHECK,
                TRANSLATOR,
                RESTORE,
                RDTSC,
                SYSCALL,
                FILL,
                INSERT_BREAKPOINT,
                INSERT_WATCHPOINT,
                WATCHPOINT_MATCHES,
                CHECK_WATCHPOINT,
                FLUSH_PAGE,
                EXIT,
                RAISE,
                RAISE_EXCEPTION,
                LDMXCSR,
                FXRSTOR,
                FSCALE,
                RDMSR,
                FIND_BLOCK,
                RESET_BLOCKS,
                CODE_PAGE,
                GENERATE,
                NEXT_BLOCK));
    names.addAll(REMAINDERS);
    names.addAll(RECIPROCALS);
    names.addAll(ROUNDS);
    names.addAll(X87_HELPERS);
    names.addAll(List.of(FROM_SINGLE, FROM_DOUBLE, TO_SINGLE, TO_DOUBLE));
    names.addAll(OF_ONE);
    names.addAll(OF_TWO);
    return names;
  }

  /**
   * What was adjusted, and found.
   *
   * @param exitCheck address of the exit check when translated code no longer calls it, or 0
   * @param clockStopped whether the engine no longer sees the host's clock
   * @param raise address of the function that raises an exception, where {@link PortStub} can use
   *     it, or 0
   * @param jumpCache the second cache of blocks, where there is one
   * @param inlineBudget how blocks are counted without a call, where they are
   */
  record Result(
      long exitCheck,
      boolean clockStopped,
      long raise,
      Optional<JumpCache> jumpCache,
      Optional<InlineBudget> inlineBudget) {}

  /** Adjusts a library; harmless where nothing can be adjusted. */
  static Result apply(SymbolLookup symbols, Path file, StateLayout layout) {
    if (!BudgetStub.hostIsX86()) {
      return new Result(0, false, 0, Optional.empty(), Optional.empty());
    }
    LibraryTuning tuning = new LibraryTuning(symbols, file);
    tuning.replace(RESET_DIRTY, bytes(NOTHING_X86_64));
    tuning.skipRestore();
    tuning.showFloatFlags(new FloatFlags(layout.floats()));
    tuning.watchData(layout);
    tuning.silenceNans();
    tuning.replaceHelper(RDMSR, to -> ApicBase.read(to, layout.general()));
    CodeBufferPlace.find(tuning.maps, file)
        .ifPresent(place -> tuning.replace(MAP, to -> CodeBufferPlace.map(place, to)));
    boolean clock = tuning.replace(CLOCK, bytes(CLOCK_X86_64));
    long exitCheck = tuning.function(EXIT_CHECK);
    boolean leftOut = exitCheck != 0 && tuning.leaveOut(exitCheck);
    if (exitCheck == 0) {
      tuning.keepExitCheckOfHooksOnly();
      tuning.replace(INSERT_BREAKPOINT, bytes(FAIL_X86_64));
    }
    OptionalInt places = JumpCache.placesOf(tuning.function(NEXT_BLOCK), layout.cpu());
    return new Result(
        leftOut ? exitCheck : 0,
        clock,
        tuning.function(RAISE_EXCEPTION),
        tuning.rememberBlocks(layout.cpu(), places),
        tuning.countInline(layout, places.isPresent()));
  }

  /** {@code known}: the check of a helper's code also says where a block has its code. */
  private Optional<InlineBudget> countInline(StateLayout layout, boolean known) {
    if (!known || importSlot(GENERATE) == 0) {
      return Optional.empty();
    }
    InlineBudget budget = new InlineBudget(layout);
    replace(GENERATE, budget::around);
    return Optional.of(budget);
  }

  private Optional<JumpCache> rememberBlocks(int state, OptionalInt places) {
    long page = function(CODE_PAGE);
    if (places.isEmpty()
        || page == 0
        || importSlot(FIND_BLOCK) == 0
        || importSlot(RESET_BLOCKS) == 0) {
      return Optional.empty();
    }
    Optional<JumpCache> found = JumpCache.behind(function(FIND_BLOCK));
    found.ifPresent(
        cache -> {
          replace(RESET_BLOCKS, cache::beforeReset);
          replace(FIND_BLOCK, to -> cache.before(to, page, places.getAsInt(), state));
        });
    return found;
  }

  /** Address of an exported function, or 0. */
  private long function(String name) {
    return functions.getOrDefault(name, 0L);
  }

  /** Address of the one import of a function, or 0 if there is not exactly one. */
  private long importSlot(String name) {
    List<Long> slots = pointers.to(function(name));
    return slots.size() == 1 ? slots.getFirst() : 0;
  }

  /** Points the one import of a function at other code; false if there is not exactly one. */
  private boolean replace(String name, byte[] code) {
    return replace(name, original -> code);
  }

  private boolean replace(String name, LongFunction<byte[]> code) {
    long slot = importSlot(name);
    if (slot == 0) {
      return false;
    }
    patch(slot, HostMemory.mapCode(code.apply(function(name))).address());
    return true;
  }

  /** A table of imports is read-only by now, or stays writable where functions are bound late. */
  private void patch(long slot, long target) {
    if (maps.writableEnd(slot) == 0) {
      HostMemory.patchLong(slot, target);
    } else {
      HostMemory.putLong(slot, target);
    }
  }

  private void showFloatFlags(FloatFlags flags) {
    boolean whole =
        importSlot(RAISE) != 0
            && Stream.of(LDMXCSR, FXRSTOR)
                .allMatch(name -> pointers.to(function(name)).size() == 2);
    if (!whole) {
      return;
    }
    replaceHelper(LDMXCSR, flags::sse);
    replaceHelper(FXRSTOR, flags::both);
    X87_HELPERS.forEach(name -> replaceHelper(name, flags::x87));
    OF_TWO.forEach(name -> replace(name, to -> flags.around(to, true)));
    OF_ONE.forEach(name -> replace(name, to -> flags.around(to, false)));
    RECIPROCALS.forEach(name -> replaceHelper(name, to -> flags.quietSse(to, FloatFlags.ALL)));
    ROUNDS.forEach(name -> replaceHelper(name, flags::quietRound));
    // The engine's take their operands through doubles and integers.
    REMAINDERS.forEach(name -> replaceHelper(name, to -> flags.quietX87(to, FloatFlags.ROUNDING)));
    replaceHelper(FSCALE, to -> flags.quietX87(to, FloatFlags.INEXACT));
    replace(RAISE, flags.raise());
  }

  private void watchData(StateLayout layout) {
    boolean whole =
        layout.cpu() != 0
            && Stream.of(INSERT_WATCHPOINT, WATCHPOINT_MATCHES, CHECK_WATCHPOINT)
                .allMatch(name -> importSlot(name) != 0)
            && Stream.of(FLUSH_PAGE, RESTORE, EXIT).allMatch(name -> function(name) != 0);
    if (whole) {
      DataBreakpoints code = new DataBreakpoints(layout);
      replace(WATCHPOINT_MATCHES, code.matches());
      replace(CHECK_WATCHPOINT, code.check(function(RESTORE), function(EXIT)));
      replace(INSERT_WATCHPOINT, code.insert(function(FLUSH_PAGE)));
    }
  }

  private void silenceNans() {
    replace(FROM_SINGLE, QuietNan::extended);
    replace(FROM_DOUBLE, QuietNan::extended);
    replace(TO_SINGLE, QuietNan::single);
    replace(TO_DOUBLE, QuietNan::wide);
  }

  /** Two pointers lead to a helper: the translator's, and the one in the list of all helpers. */
  private void replaceHelper(String name, LongFunction<byte[]> code) {
    List<Long> slots = pointers.to(function(name));
    if (slots.size() == 2) {
      long replacement = HostMemory.mapCode(code.apply(function(name))).address();
      slots.forEach(slot -> patch(slot, replacement));
    }
  }

  /**
   * For 2.1.1, whose exit check is emitted inline: after every load and store, where it ends a
   * basic block of the translator, and after hooks, where it is needed. Only the latter is kept.
   */
  private void keepExitCheckOfHooksOnly() {
    long slot = importSlot(EMIT_EXIT_CHECK);
    long end = function(TRANSLATOR);
    if (slot == 0 || end == 0) {
      return;
    }
    List<Long> callers = calls(end - TRANSLATOR_WINDOW, end, slot);
    if (callers.size() == 1) {
      replace(EMIT_EXIT_CHECK, target -> onlyFor(callers.getFirst(), target));
    }
  }

  /** Makes the translator emit no call of a helper. */
  private boolean leaveOut(long helper) {
    return replace(EMIT_CALL, target -> skipHelper(helper, target));
  }

  private void skipRestore() {
    long slot = importSlot(RESTORE);
    if (slot == 0) {
      return;
    }
    List<Long> callers =
        Stream.of(FILL, RDTSC, SYSCALL)
            .map(name -> firstCall(name, slot))
            .filter(call -> call != 0)
            .toList();
    replace(RESTORE, target -> skipFor(callers, target));
  }

  /** Return address of the first call in a function that goes through an import, or 0. */
  private long firstCall(String function, long slot) {
    long begin = function(function);
    if (begin == 0) {
      return 0;
    }
    List<Long> found = calls(begin, begin + CALL_WINDOW, slot);
    return found.isEmpty() ? 0 : found.getFirst();
  }

  /** Return addresses of the calls in a range of code that go through an import. */
  private List<Long> calls(long begin, long end, long slot) {
    List<Long> found = new ArrayList<>();
    for (long at = begin; at < end; at++) {
      if ((HostMemory.getByte(at) & 0xff) == OPCODE_CALL && callsThrough(at, slot)) {
        found.add(at + 5);
      }
    }
    return found;
  }

  /** Whether the near call at {@code at} goes to a PLT entry that jumps through {@code slot}. */
  private boolean callsThrough(long at, long slot) {
    long entry = at + 5 + HostMemory.getInt(at + 1);
    boolean inLibrary = text.stream().anyMatch(r -> entry >= r.begin() && entry < r.end() - 32);
    if (!inLibrary) {
      return false;
    }
    long jump = HostMemory.getInt(entry) == ENDBR64 ? entry + 4 : entry;
    if ((HostMemory.getByte(jump) & 0xff) == 0xf2) {
      jump++; // bnd
    }
    boolean indirect =
        (HostMemory.getByte(jump) & 0xff) == 0xff && HostMemory.getByte(jump + 1) == 0x25;
    return indirect && jump + 6 + HostMemory.getInt(jump + 2) == slot;
  }

  /** A function that returns false to some callers and goes on to {@code target} for all others. */
  private static byte[] skipFor(List<Long> callers, long target) {
    ByteBuffer code = HostCode.buffer(callers.size() * 16 + 15);
    for (int i = callers.size() - 1; i >= 0; i--) {
      calledFrom(code, callers.get(i)).put(bytes(0x74, 12 + 16 * i)); // je skip
    }
    return HostCode.jump(code, target).put(bytes(0x31, 0xc0, 0xc3)).array(); // skip: return 0
  }

  /** A function that does nothing but for one caller, for whom it goes on to {@code target}. */
  private static byte[] onlyFor(long caller, long target) {
    ByteBuffer code = calledFrom(HostCode.buffer(40), caller).put(bytes(0x75, 0x0c)); // jne done
    return HostCode.jump(code, target).put(bytes(0xc3)).array(); // done: ret
  }

  /** {@code mov rax, caller; cmp [rsp], rax}. */
  private static ByteBuffer calledFrom(ByteBuffer code, long caller) {
    return code.put(bytes(0x48, 0xb8)).putLong(caller).put(bytes(0x48, 0x39, 0x04, 0x24));
  }

  /** A function that does nothing when its second argument is {@code helper}. */
  private static byte[] skipHelper(long helper, long target) {
    ByteBuffer code = HostCode.buffer(40);
    code.put(bytes(0x48, 0xb8)).putLong(helper); // mov rax, helper
    code.put(bytes(0x48, 0x39, 0xc6)); // cmp rsi, rax
    code.put(bytes(0x74, 0x0c)); // je skip
    return HostCode.jump(code, target).put(bytes(0xc3)).array(); // skip: ret
  }

  private static List<String> ofBothWidths(List<String> operations) {
    return Stream.of("float32_", "float64_")
        .flatMap(width -> operations.stream().map(name -> width + name + "_x86_64"))
        .toList();
  }
}
