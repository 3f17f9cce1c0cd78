package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Adjustments of a loaded libunicorn, made in this process's copy of its tables of imports. The
 * builds call even their own exported functions through such tables, so a function can be replaced
 * by changing one pointer. Each is changed only if exactly one such pointer is found; without them
 * everything works, but slower or less repeatably.
 *
 * <p><b>The exit check.</b> Translated code looks for a stop request at every block and after every
 * load; from 2.1.2 on it calls a helper for that, and all guest registers are spilled around the
 * call. Here {@code check_exit_request}, which emits the check, is replaced by a function that
 * emits nothing. Stopping is then up to the block hook's stub, which calls the helper itself (see
 * {@link BudgetStub}).
 *
 * <p><b>The dirty flags.</b> At every translation the engine walks its whole TLB to catch later
 * stores to the page ({@code tlb_reset_dirty_by_vaddr}). Our TLB hook never leaves a page that
 * holds translated code writable, so the walk finds nothing and is left out.
 *
 * <p><b>The host clock.</b> The size of the engine's software TLB follows its use over windows of
 * host time ({@code gettimeofday}); a different size means different misses, and so accessed bits
 * set at different times: the host's clock would leak into the guest. The import is pointed at a
 * function whose clock stands still, so that the TLB only grows.
 */
final class LibraryTuning {
  private static final String EMIT_EXIT_CHECK = "check_exit_request_x86_64";
  private static final String EXIT_CHECK = "helper_check_exit_request_x86_64";
  private static final String RESET_DIRTY = "tlb_reset_dirty_by_vaddr_x86_64";
  private static final String CLOCK = "gettimeofday";
  private static final int[] NOTHING_X86_64 = {0xc3}; // ret

  private static final int[] CLOCK_X86_64 = {
    0x48, 0xc7, 0x07, 0, 0, 0, 0, // mov qword [rdi], 0
    0x48, 0xc7, 0x47, 0x08, 0, 0, 0, 0, // mov qword [rdi + 8], 0
    0x31, 0xc0, // xor eax, eax
    0xc3, // ret
  };

  private final SymbolLookup symbols;
  private final List<HostMaps.Range> data;

  private LibraryTuning(SymbolLookup symbols, Path file) {
    this.symbols = symbols;
    this.data = HostMaps.read().dataOf(file);
  }

  /**
   * What was adjusted.
   *
   * @param exitCheck address of the exit check when translated code no longer calls it, or 0
   * @param clockStopped whether the engine no longer sees the host's clock
   */
  record Result(long exitCheck, boolean clockStopped) {}

  /** Adjusts a library; harmless where nothing can be adjusted. */
  static Result apply(SymbolLookup symbols, Path file) {
    if (!BudgetStub.hostIsX86()) {
      return new Result(0, false);
    }
    LibraryTuning tuning = new LibraryTuning(symbols, file);
    tuning.replace(symbols.find(RESET_DIRTY), NOTHING_X86_64);
    boolean clock = tuning.replace(Linker.nativeLinker().defaultLookup().find(CLOCK), CLOCK_X86_64);
    Optional<MemorySegment> exitCheck = symbols.find(EXIT_CHECK);
    boolean leftOut =
        exitCheck.isPresent() && tuning.replace(symbols.find(EMIT_EXIT_CHECK), NOTHING_X86_64);
    return new Result(leftOut ? exitCheck.get().address() : 0, clock);
  }

  /** Points the one import of a function at other code; false if there is not exactly one. */
  private boolean replace(Optional<MemorySegment> function, int[] code) {
    if (function.isEmpty()) {
      return false;
    }
    List<Long> slots = pointersTo(function.get().address());
    if (slots.size() != 1) {
      return false;
    }
    HostMemory.patchLong(slots.getFirst(), HostMemory.mapCode(bytes(code)).address());
    return true;
  }

  private List<Long> pointersTo(long address) {
    List<Long> found = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment needle = arena.allocateFrom(JAVA_LONG, address);
      for (HostMaps.Range range : data) {
        long from = range.begin();
        while (from < range.end()) {
          long hit = HostMemory.find(from, range.end() - from, needle);
          if (hit == 0) {
            break;
          }
          if ((hit & 7) == 0) {
            found.add(hit);
          }
          from = hit + 8;
        }
      }
    }
    return found;
  }

  private static byte[] bytes(int[] code) {
    byte[] result = new byte[code.length];
    for (int i = 0; i < code.length; i++) {
      result[i] = (byte) code[i];
    }
    return result;
  }
}
