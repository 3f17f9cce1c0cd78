package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * The ELF note by which a kernel offers its 32-bit entry point (System V ABI, chapter 5, "Note
 * Section"; Xen, public/elfnote.h, XEN_ELFNOTE_PHYS32_ENTRY).
 */
final class PvhNote {
  private static final int PT_NOTE = 4;
  private static final int PH_ALIGN = 48;

  /** A kernel's notes take some hundred bytes. */
  private static final long MAX_NOTES = 1 << 20;

  private static final int NAME_SIZE = 0;
  private static final int DESCRIPTION_SIZE = 4;
  private static final int TYPE = 8;
  private static final int HEADER = 12;

  private static final MemorySegment NAME =
      MemorySegment.ofArray("Xen\0".getBytes(StandardCharsets.US_ASCII));

  private static final int PHYS32_ENTRY = 18;
  private static final int WORD = 4;
  private static final int DOUBLE_WORD = 8;

  private PvhNote() {}

  /** The entry point in the notes of a file; damaged notes are none. */
  static OptionalLong find(BootSource file, MemorySegment programHeaders) throws IOException {
    for (long at = 0; at < programHeaders.byteSize(); at += ElfKernel.PROGRAM_HEADER_SIZE) {
      long offset = LittleEndian.s64(programHeaders, at + ElfKernel.PH_OFFSET);
      long size = LittleEndian.s64(programHeaders, at + ElfKernel.PH_FILE_SIZE);
      boolean inside = size > 0 && size <= MAX_NOTES && offset >= 0 && offset <= file.size() - size;
      if (LittleEndian.u32(programHeaders, at) == PT_NOTE && inside) {
        MemorySegment notes = MemorySegment.ofArray(new byte[(int) size]);
        file.read(offset, notes);
        // Notes of 8-byte alignment exist beside the usual ones of 4.
        boolean wide = LittleEndian.s64(programHeaders, at + PH_ALIGN) == DOUBLE_WORD;
        OptionalLong entry = find(notes, wide ? DOUBLE_WORD : WORD);
        if (entry.isPresent()) {
          return entry;
        }
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong find(MemorySegment notes, int alignment) {
    long at = 0;
    while (at + HEADER <= notes.byteSize()) {
      long nameSize = LittleEndian.u32(notes, at + NAME_SIZE);
      long size = LittleEndian.u32(notes, at + DESCRIPTION_SIZE);
      long name = at + HEADER;
      long description = align(name + nameSize, alignment);
      if (description + size > notes.byteSize()) {
        return OptionalLong.empty();
      }
      boolean wanted =
          LittleEndian.u32(notes, at + TYPE) == PHYS32_ENTRY
              && nameSize == NAME.byteSize()
              && notes.asSlice(name, nameSize).mismatch(NAME) < 0;
      if (wanted && size == WORD) {
        return OptionalLong.of(LittleEndian.u32(notes, description));
      }
      if (wanted && size == DOUBLE_WORD) {
        return OptionalLong.of(LittleEndian.s64(notes, description));
      }
      at = align(description + size, alignment);
    }
    return OptionalLong.empty();
  }

  private static long align(long value, int alignment) {
    return value + alignment - 1 & -alignment;
  }
}
