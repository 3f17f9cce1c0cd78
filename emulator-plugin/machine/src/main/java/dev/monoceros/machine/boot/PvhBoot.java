package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Puts a kernel into RAM for its PVH entry point and writes what it is told there (Xen,
 * public/arch-x86/hvm/start_info.h, version 1). There is no place in that for a seed of the
 * kernel's random numbers.
 */
public final class PvhBoot {
  // struct hvm_start_info
  private static final int MAGIC = 0;
  private static final int VERSION = 4;
  private static final int MODULE_COUNT = 12;
  private static final int MODULE_LIST = 16;
  private static final int COMMAND_LINE = 24;
  private static final int RSDP = 32;
  private static final int MEMORY_MAP = 40;
  private static final int MEMORY_MAP_ENTRIES = 48;
  private static final int START_INFO_SIZE = 56;

  private static final long MAGIC_VALUE = 0x336e_c578;
  private static final int VERSION_1 = 1;

  // struct hvm_modlist_entry
  private static final int MODULE_SIZE = 8;
  private static final int MODULE_ENTRY_SIZE = 32;

  // struct hvm_memmap_table_entry
  private static final int RANGE_SIZE = 8;
  private static final int RANGE_TYPE = 16;
  private static final int RANGE_ENTRY_SIZE = 24;

  private static final int CODE_SELECTOR = 0x10;
  private static final int DATA_SELECTOR = 0x18;
  private static final int TASK_SELECTOR = 0x20;
  private static final int GDT_LIMIT = 0x27;

  /** Present, ring 0, execute and read, accessed, 32-bit, 4 KiB granularity, all 4 GiB. */
  private static final long CODE_DESCRIPTOR = 0x00cf_9b00_0000_ffffL;

  /** Present, ring 0, read and write, accessed, 32-bit, 4 KiB granularity, all 4 GiB. */
  private static final long DATA_DESCRIPTOR = 0x00cf_9300_0000_ffffL;

  /** Present, ring 0, busy 32-bit TSS, limit 0x67. */
  private static final long TASK_DESCRIPTOR = 0x0000_8b00_0000_0067L;

  private PvhBoot() {}

  /**
   * Loads everything.
   *
   * @param ram RAM that nothing has been written to but firmware tables from 0xe0000 to 0xfffff
   * @throws BootException as {@link LinuxBoot#load}, and if the kernel has no such entry point
   */
  public static PvhState load(PhysicalMemory ram, LinuxBootConfig config) throws BootException {
    LoadedKernel kernel = LinuxBoot.loadKernel(ram, config.kernel());
    long entry = entry(config.kernel().name(), kernel, ram.layout());
    Initrd initrd = LinuxBoot.loadInitrd(ram, config, kernel);
    long commandLine = LinuxBoot.writeCommandLine(ram, config.commandLine(), kernel);
    writeStartInfo(ram, initrd, commandLine, config.rsdpAddress());
    writeGdt(ram);
    return new PvhState(
        entry,
        LowMemory.START_INFO,
        LowMemory.GDT,
        GDT_LIMIT,
        CODE_SELECTOR,
        DATA_SELECTOR,
        TASK_SELECTOR);
  }

  private static long entry(String name, LoadedKernel kernel, RamLayout layout)
      throws BootException {
    if (kernel.pvhEntry().isEmpty()) {
      throw new BootException(
          name
              + " has no PVH entry point (the ELF note XEN_ELFNOTE_PHYS32_ENTRY): it was built"
              + " without CONFIG_PVH");
    }
    long entry = kernel.pvhEntry().getAsLong();
    if (entry < LowMemory.EXTENDED || entry >= Math.min(kernel.end(), layout.lowBytes())) {
      throw new BootException(
          "%s has its PVH entry point 0x%x outside its segments".formatted(name, entry));
    }
    return entry;
  }

  private static void writeStartInfo(
      PhysicalMemory ram, Initrd initrd, long commandLine, long rsdp) {
    List<MemoryMap.Range> map = MemoryMap.of(ram.layout());
    long modules = LowMemory.START_INFO + START_INFO_SIZE;
    long ranges = modules + MODULE_ENTRY_SIZE;
    long size = ranges + (long) map.size() * RANGE_ENTRY_SIZE - LowMemory.START_INFO;
    MemorySegment info = ram.slice(LowMemory.START_INFO, size).fill((byte) 0);
    LittleEndian.put32(info, MAGIC, MAGIC_VALUE);
    LittleEndian.put32(info, VERSION, VERSION_1);
    LittleEndian.put64(info, COMMAND_LINE, commandLine);
    LittleEndian.put64(info, RSDP, rsdp);
    LittleEndian.put64(info, MEMORY_MAP, ranges);
    LittleEndian.put32(info, MEMORY_MAP_ENTRIES, map.size());
    if (initrd.size() > 0) {
      LittleEndian.put32(info, MODULE_COUNT, 1);
      LittleEndian.put64(info, MODULE_LIST, modules);
      MemorySegment module = info.asSlice(START_INFO_SIZE, MODULE_ENTRY_SIZE);
      LittleEndian.put64(module, 0, initrd.address());
      LittleEndian.put64(module, MODULE_SIZE, initrd.size());
    }
    long at = ranges - LowMemory.START_INFO;
    for (MemoryMap.Range range : map) {
      LittleEndian.put64(info, at, range.base());
      LittleEndian.put64(info, at + RANGE_SIZE, range.length());
      LittleEndian.put32(info, at + RANGE_TYPE, range.type());
      at += RANGE_ENTRY_SIZE;
    }
  }

  private static void writeGdt(PhysicalMemory ram) {
    MemorySegment gdt = ram.slice(LowMemory.GDT, GDT_LIMIT + 1L).fill((byte) 0);
    LittleEndian.put64(gdt, CODE_SELECTOR, CODE_DESCRIPTOR);
    LittleEndian.put64(gdt, DATA_SELECTOR, DATA_DESCRIPTOR);
    LittleEndian.put64(gdt, TASK_SELECTOR, TASK_DESCRIPTOR);
  }
}
