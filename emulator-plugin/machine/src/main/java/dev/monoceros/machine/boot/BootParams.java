package dev.monoceros.machine.boot;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * The boot_params page, "zero page" (Linux, Documentation/arch/x86/zero-page.rst, and boot.rst for
 * the setup header within).
 */
final class BootParams {
  static final long SIZE = 4096;

  private static final int ACPI_RSDP = 0x070;
  private static final int EXT_RAMDISK_IMAGE = 0x0c0;
  private static final int EXT_RAMDISK_SIZE = 0x0c4;
  private static final int E820_COUNT = 0x1e8;
  private static final int VIDEO_MODE = 0x1fa;
  private static final int E820_TABLE = 0x2d0;
  private static final int E820_ENTRY = 20;
  private static final int E820_LENGTH = 8;
  private static final int E820_TYPE = 16;

  private static final int NORMAL_VIDEO = 0xffff;
  private static final int UNDEFINED_LOADER = 0xff;
  private static final int LOADED_HIGH = 0x01;

  /** The protocol claimed for an ELF kernel, which carries no header of its own: 2.15. */
  private static final int OWN_VERSION = 0x20f;

  private final MemorySegment page;

  private BootParams(MemorySegment page) {
    this.page = page;
    page.fill((byte) 0);
  }

  /** Begins the page with the kernel's own setup header, or with a minimal one. */
  static BootParams begin(PhysicalMemory ram, Optional<SetupHeader> header) {
    BootParams params = new BootParams(ram.slice(LowMemory.BOOT_PARAMS, SIZE));
    MemorySegment page = params.page;
    if (header.isPresent()) {
      int length = Math.min(header.get().end(), E820_TABLE) - SetupHeader.START;
      MemorySegment.copy(header.get().bytes(), SetupHeader.START, page, SetupHeader.START, length);
    } else {
      LittleEndian.put16(page, SetupHeader.BOOT_FLAG, SetupHeader.BOOT_FLAG_VALUE);
      LittleEndian.put32(page, SetupHeader.HEADER, SetupHeader.HEADER_VALUE);
      LittleEndian.put16(page, SetupHeader.VERSION, OWN_VERSION);
    }
    LittleEndian.put16(page, VIDEO_MODE, NORMAL_VIDEO);
    LittleEndian.put8(page, SetupHeader.TYPE_OF_LOADER, UNDEFINED_LOADER);
    int flags = LittleEndian.u8(page, SetupHeader.LOAD_FLAGS);
    LittleEndian.put8(page, SetupHeader.LOAD_FLAGS, flags | LOADED_HIGH);
    return params;
  }

  void commandLine(long address) {
    LittleEndian.put32(page, SetupHeader.COMMAND_LINE_POINTER, address);
  }

  void initrd(long address, long size) {
    LittleEndian.put32(page, SetupHeader.RAMDISK_IMAGE, address);
    LittleEndian.put32(page, SetupHeader.RAMDISK_SIZE, size);
    LittleEndian.put32(page, EXT_RAMDISK_IMAGE, address >>> 32);
    LittleEndian.put32(page, EXT_RAMDISK_SIZE, size >>> 32);
  }

  void rsdp(long address) {
    LittleEndian.put64(page, ACPI_RSDP, address);
  }

  void setupData(long address) {
    LittleEndian.put64(page, SetupHeader.SETUP_DATA, address);
  }

  void memoryMap(List<MemoryMap.Range> map) {
    LittleEndian.put8(page, E820_COUNT, map.size());
    long entry = E820_TABLE;
    for (MemoryMap.Range range : map) {
      LittleEndian.put64(page, entry, range.base());
      LittleEndian.put64(page, entry + E820_LENGTH, range.length());
      LittleEndian.put32(page, entry + E820_TYPE, range.type());
      entry += E820_ENTRY;
    }
  }
}
