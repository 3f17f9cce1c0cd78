package dev.monoceros.unicorn;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The functions of one libunicorn, by address. The method handles are static and take the address
 * as their first argument, so that they are constants to the JIT compiler however many libraries
 * are loaded.
 */
record UnicornFunctions(
    MemorySegment ucVersion,
    MemorySegment ucStrerror,
    MemorySegment ucOpen,
    MemorySegment ucClose,
    MemorySegment ucRegRead,
    MemorySegment ucRegWrite,
    MemorySegment ucMemMapPtr,
    MemorySegment ucMmioMap,
    MemorySegment ucMemUnmap,
    MemorySegment ucEmuStart,
    MemorySegment ucEmuStop,
    MemorySegment ucHookAdd,
    MemorySegment ucCtl) {

  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle VERSION =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle STRERROR = handle(FunctionDescriptor.of(JAVA_LONG, JAVA_INT));
  private static final MethodHandle OPEN =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle ONE_POINTER =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
  private static final MethodHandle REGISTER =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));
  // A leaf call: it neither blocks nor calls back, so the thread's transition can be left out.
  private static final MethodHandle REGISTER_LEAF =
      handle(
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG),
          Linker.Option.critical(false));
  private static final MethodHandle MAP_PTR =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MMIO_MAP =
      handle(
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG));
  private static final MethodHandle UNMAP =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle EMU_START =
      handle(
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle EMU_STOP_LEAF =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG), Linker.Option.critical(false));
  // uc_hook_add(uc, &hh, type, callback, user_data, begin, end, ...)
  private static final MethodHandle HOOK_ADD =
      handle(
          FunctionDescriptor.of(
              JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_INT),
          Linker.Option.firstVariadicArg(7));
  private static final MethodHandle CTL0 =
      handle(FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle CTL1 =
      handle(
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  // May call back: removing translations walks the page tables through the TLB hook.
  private static final MethodHandle CTL2 =
      handle(
          FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(2));

  static UnicornFunctions bind(SymbolLookup symbols, Path file) {
    return new UnicornFunctions(
        find(symbols, file, "uc_version"),
        find(symbols, file, "uc_strerror"),
        find(symbols, file, "uc_open"),
        find(symbols, file, "uc_close"),
        find(symbols, file, "uc_reg_read"),
        find(symbols, file, "uc_reg_write"),
        find(symbols, file, "uc_mem_map_ptr"),
        find(symbols, file, "uc_mmio_map"),
        find(symbols, file, "uc_mem_unmap"),
        find(symbols, file, "uc_emu_start"),
        find(symbols, file, "uc_emu_stop"),
        find(symbols, file, "uc_hook_add"),
        find(symbols, file, "uc_ctl"));
  }

  private static MemorySegment find(SymbolLookup symbols, Path file, String name) {
    return symbols
        .find(name)
        .orElseThrow(
            () ->
                new UnicornException(
                    file + " is not a libunicorn 2.1 or newer: it has no " + name));
  }

  private static MethodHandle handle(FunctionDescriptor type, Linker.Option... options) {
    return LINKER.downcallHandle(type, options);
  }

  /** An upcall stub that lives as long as {@code arena}. */
  static MemorySegment upcall(MethodHandle target, java.lang.foreign.Arena arena) {
    MemoryLayout[] arguments =
        target.type().parameterList().stream()
            .map(UnicornFunctions::layout)
            .toArray(MemoryLayout[]::new);
    Class<?> result = target.type().returnType();
    FunctionDescriptor type =
        result == void.class
            ? FunctionDescriptor.ofVoid(arguments)
            : FunctionDescriptor.of(layout(result), arguments);
    return LINKER.upcallStub(target, type, arena);
  }

  private static MemoryLayout layout(Class<?> type) {
    if (type == long.class) {
      return JAVA_LONG;
    }
    if (type == int.class) {
      return JAVA_INT;
    }
    if (type == boolean.class) {
      return java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
    }
    throw new IllegalArgumentException("no native layout for " + type);
  }

  int version() {
    try {
      return (int) VERSION.invokeExact(ucVersion, 0L, 0L);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  long strerror(int error) {
    try {
      return (long) STRERROR.invokeExact(ucStrerror, error);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int open(int arch, int mode, MemorySegment result) {
    try {
      return (int) OPEN.invokeExact(ucOpen, arch, mode, result);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int close(long uc) {
    try {
      return (int) ONE_POINTER.invokeExact(ucClose, uc);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int regRead(long uc, int register, long value) {
    try {
      return (int) REGISTER_LEAF.invokeExact(ucRegRead, uc, register, value);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int regWrite(long uc, int register, long value) {
    try {
      return (int) REGISTER.invokeExact(ucRegWrite, uc, register, value);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int memMapPtr(long uc, long address, long size, int perms, long host) {
    try {
      return (int) MAP_PTR.invokeExact(ucMemMapPtr, uc, address, size, perms, host);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int mmioMap(long uc, long address, long size, long read, long write) {
    try {
      return (int) MMIO_MAP.invokeExact(ucMmioMap, uc, address, size, read, 0L, write, 0L);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int memUnmap(long uc, long address, long size) {
    try {
      return (int) UNMAP.invokeExact(ucMemUnmap, uc, address, size);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int emuStart(long uc, long begin, long until) {
    try {
      return (int) EMU_START.invokeExact(ucEmuStart, uc, begin, until, 0L, 0L);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int emuStop(long uc) {
    try {
      return (int) EMU_STOP_LEAF.invokeExact(ucEmuStop, uc);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int hookAdd(
      long uc,
      long handle,
      int type,
      long callback,
      long userData,
      long begin,
      long end,
      int insn) {
    try {
      return (int)
          HOOK_ADD.invokeExact(ucHookAdd, uc, handle, type, callback, userData, begin, end, insn);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int ctl(long uc, int control) {
    try {
      return (int) CTL0.invokeExact(ucCtl, uc, control);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int ctl(long uc, int control, int value) {
    try {
      return (int) CTL1.invokeExact(ucCtl, uc, control, value);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }

  int ctl(long uc, int control, long first, long second) {
    try {
      return (int) CTL2.invokeExact(ucCtl, uc, control, first, second);
    } catch (Throwable t) {
      throw HostMemory.rethrow(t);
    }
  }
}
