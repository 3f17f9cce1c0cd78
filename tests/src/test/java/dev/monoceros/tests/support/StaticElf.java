package dev.monoceros.tests.support;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A flat piece of code as a static ELF file that loads it and begins with its first byte (System V
 * ABI, x86-64 supplement), through the PVH entry too.
 */
final class StaticElf {
  private static final int HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int SEGMENTS = 2;
  private static final int NOTE_OFFSET = HEADER + SEGMENTS * PROGRAM_HEADER;
  private static final int NOTE_LENGTH = 20;
  private static final int CODE_OFFSET = 4096;

  private StaticElf() {}

  /** The file; {@code code} is to lie at a physical address. */
  static byte[] of(int address, byte[] code) {
    ByteBuffer elf = ByteBuffer.allocate(CODE_OFFSET + code.length).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1}).position(16);
    elf.putShort((short) 2); // e_type: ET_EXEC
    elf.putShort((short) 62); // e_machine: EM_X86_64
    elf.putInt(1); // e_version
    elf.putLong(address); // e_entry
    elf.putLong(HEADER); // e_phoff
    elf.putLong(0); // e_shoff
    elf.putInt(0); // e_flags
    elf.putShort((short) HEADER); // e_ehsize
    elf.putShort((short) PROGRAM_HEADER); // e_phentsize
    elf.putShort((short) SEGMENTS); // e_phnum
    elf.position(HEADER);
    segment(elf, 1, 7, CODE_OFFSET, address, code.length, 4096); // PT_LOAD, all rights
    segment(elf, 4, 4, NOTE_OFFSET, 0, NOTE_LENGTH, 4); // PT_NOTE, readable
    note(elf, address);
    elf.position(CODE_OFFSET).put(code);
    return elf.array();
  }

  private static void segment(
      ByteBuffer elf, int type, int flags, long offset, long address, long length, long alignment) {
    elf.putInt(type);
    elf.putInt(flags);
    elf.putLong(offset);
    elf.putLong(address); // p_vaddr
    elf.putLong(address); // p_paddr
    elf.putLong(length); // p_filesz
    elf.putLong(length); // p_memsz
    elf.putLong(alignment);
  }

  /** XEN_ELFNOTE_PHYS32_ENTRY (Xen, public/elfnote.h). */
  private static void note(ByteBuffer elf, int entry) {
    elf.putInt(4); // length of the name
    elf.putInt(4); // of the description
    elf.putInt(18);
    elf.put("Xen\0".getBytes(StandardCharsets.US_ASCII));
    elf.putInt(entry);
  }
}
