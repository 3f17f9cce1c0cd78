package dev.monoceros.unicorn;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;

/** The functions of one libunicorn, by address. */
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

  int version() {
    return (int) NativeCalls.call(ucVersion, 0, 0);
  }

  long strerror(int error) {
    return NativeCalls.call(ucStrerror, error);
  }

  int open(int arch, int mode, MemorySegment result) {
    return (int) NativeCalls.call(ucOpen, arch, mode, result.address());
  }

  int close(long uc) {
    return (int) NativeCalls.call(ucClose, uc);
  }

  int regRead(long uc, int register, long value) {
    return (int) NativeCalls.callLeaf(ucRegRead, uc, register, value);
  }

  int regWrite(long uc, int register, long value) {
    return (int) NativeCalls.call(ucRegWrite, uc, register, value);
  }

  int memMapPtr(long uc, long address, long size, int perms, long host) {
    return (int) NativeCalls.call(ucMemMapPtr, uc, address, size, perms, host);
  }

  int mmioMap(long uc, long address, long size, long read, long write) {
    return (int) NativeCalls.callWithStack(ucMmioMap, uc, address, size, read, 0, write, 0);
  }

  int memUnmap(long uc, long address, long size) {
    return (int) NativeCalls.call(ucMemUnmap, uc, address, size);
  }

  int emuStart(long uc, long begin, long until) {
    return (int) NativeCalls.call(ucEmuStart, uc, begin, until, 0, 0);
  }

  int emuStop(long uc) {
    return (int) NativeCalls.callLeaf(ucEmuStop, uc, 0, 0);
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
    return (int)
        NativeCalls.callWithStack(
            ucHookAdd, uc, handle, type, callback, userData, begin, end, insn);
  }

  int ctl(long uc, int control) {
    return ctl(uc, control, 0, 0);
  }

  int ctl(long uc, int control, int value) {
    return ctl(uc, control, value, 0);
  }

  // May call back: removing translations walks the page tables through the TLB hook.
  int ctl(long uc, int control, long first, long second) {
    return (int) NativeCalls.call(ucCtl, uc, control, first, second);
  }
}
