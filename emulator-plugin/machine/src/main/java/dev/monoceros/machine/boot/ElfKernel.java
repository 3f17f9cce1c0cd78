package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The headers of an ELF kernel (System V ABI, chapter 4 and 5), fully checked against the file and
 * the RAM before anything is written.
 *
 * @param entry physical address of the entry point
 * @param segments what to load, in file order
 * @param pvhEntry physical address of the 32-bit entry point, where a note gives one
 */
record ElfKernel(long entry, List<ElfSegment> segments, OptionalLong pvhEntry) {
  private static final int HEADER_SIZE = 64;
  private static final int CLASS = 4;
  private static final int DATA = 5;
  private static final int TYPE = 16;
  private static final int MACHINE = 18;
  private static final int ENTRY = 24;
  private static final int PROGRAM_HEADERS = 32;
  private static final int PROGRAM_HEADER_SIZE_FIELD = 54;
  private static final int PROGRAM_HEADER_COUNT = 56;

  private static final int CLASS_64 = 2;
  private static final int LITTLE_ENDIAN_DATA = 1;
  private static final int TYPE_RELOCATABLE = 1;
  private static final int TYPE_EXECUTABLE = 2;
  private static final int TYPE_DYNAMIC = 3;
  private static final int TYPE_CORE = 4;
  private static final int MACHINE_X86_64 = 62;

  /** e_machine of what people mistake for a kernel of theirs. */
  private static final Map<Integer, String> MACHINES =
      Map.of(
          3,
          "i386",
          8,
          "MIPS",
          20,
          "PowerPC",
          21,
          "ppc64",
          22,
          "s390",
          40,
          "arm",
          183,
          "aarch64",
          243,
          "RISC-V",
          258,
          "LoongArch");

  static final int PROGRAM_HEADER_SIZE = 56;
  private static final int MAX_PROGRAM_HEADERS = 128;
  static final int PH_OFFSET = 8;
  private static final int PH_VIRTUAL = 16;
  private static final int PH_PHYSICAL = 24;
  static final int PH_FILE_SIZE = 32;
  private static final int PH_MEMORY_SIZE = 40;
  private static final int PT_LOAD = 1;
  private static final int PT_INTERP = 3;

  private static final int MAGIC = 0x464c457f;

  static boolean isElf(MemorySegment head) {
    return head.byteSize() >= HEADER_SIZE && LittleEndian.u32(head, 0) == MAGIC;
  }

  /** Reads and checks the headers of {@code file}, whose segments are to lie in low RAM. */
  static ElfKernel parse(BootSource file, long lowRam) throws BootException, IOException {
    MemorySegment head = MemorySegment.ofArray(new byte[HEADER_SIZE]);
    file.read(0, head);
    requireKernel(file.name(), head);
    int count = LittleEndian.u16(head, PROGRAM_HEADER_COUNT);
    long position = LittleEndian.s64(head, PROGRAM_HEADERS);
    if (LittleEndian.u16(head, PROGRAM_HEADER_SIZE_FIELD) != PROGRAM_HEADER_SIZE
        || count == 0
        || count > MAX_PROGRAM_HEADERS) {
      throw new BootException(
          "%s is an ELF file with %d program headers, which is not a kernel"
              .formatted(file.name(), count));
    }
    if (position < 0 || position > file.size() - (long) count * PROGRAM_HEADER_SIZE) {
      throw new BootException(
          "%s is an ELF file whose program headers lie outside it".formatted(file.name()));
    }
    MemorySegment table = MemorySegment.ofArray(new byte[count * PROGRAM_HEADER_SIZE]);
    file.read(position, table);
    List<ElfSegment> segments = loadable(file, table, lowRam);
    return new ElfKernel(
        physicalEntry(file.name(), LittleEndian.s64(head, ENTRY), segments),
        segments,
        PvhNote.find(file, table));
  }

  private static void requireKernel(String name, MemorySegment head) throws BootException {
    int machine = LittleEndian.u16(head, MACHINE);
    if (machine != MACHINE_X86_64) {
      throw new BootException(
          "%s is an ELF for %s, not for x86-64".formatted(name, machineName(machine)));
    }
    if (LittleEndian.u8(head, CLASS) != CLASS_64
        || LittleEndian.u8(head, DATA) != LITTLE_ENDIAN_DATA) {
      throw new BootException(name + " is a 32-bit or big-endian ELF for x86-64, not a kernel");
    }
    String kind =
        switch (LittleEndian.u16(head, TYPE)) {
          case TYPE_EXECUTABLE, TYPE_DYNAMIC -> null;
          case TYPE_RELOCATABLE -> "an ELF relocatable object (a kernel module?)";
          case TYPE_CORE -> "an ELF core dump";
          default -> "an ELF of an unknown type";
        };
    if (kind != null) {
      throw new BootException("%s is %s, not a kernel".formatted(name, kind));
    }
  }

  private static List<ElfSegment> loadable(BootSource file, MemorySegment table, long lowRam)
      throws BootException {
    List<ElfSegment> segments = new ArrayList<>();
    for (long at = 0; at < table.byteSize(); at += PROGRAM_HEADER_SIZE) {
      long type = LittleEndian.u32(table, at);
      if (type == PT_INTERP) {
        throw new BootException(
            file.name() + " is an ELF program that needs an interpreter, not a kernel");
      }
      if (type == PT_LOAD) {
        ElfSegment segment = segment(table, at);
        requireSane(file, segment, lowRam);
        if (segment.memorySize() > 0) {
          segments.add(segment);
        }
      }
    }
    if (segments.isEmpty()) {
      throw new BootException(file.name() + " is an ELF file with nothing to load");
    }
    return segments;
  }

  private static ElfSegment segment(MemorySegment table, long at) {
    return new ElfSegment(
        LittleEndian.s64(table, at + PH_OFFSET),
        LittleEndian.s64(table, at + PH_VIRTUAL),
        LittleEndian.s64(table, at + PH_PHYSICAL),
        LittleEndian.s64(table, at + PH_FILE_SIZE),
        LittleEndian.s64(table, at + PH_MEMORY_SIZE));
  }

  private static void requireSane(BootSource file, ElfSegment segment, long lowRam)
      throws BootException {
    if (segment.fileSize() < 0
        || segment.memorySize() < segment.fileSize()
        || segment.offset() < 0
        || segment.offset() > file.size() - segment.fileSize()) {
      throw new BootException(
          "%s is an ELF file with a segment outside it: truncated or damaged"
              .formatted(file.name()));
    }
    if (segment.physical() < LowMemory.EXTENDED) {
      throw new BootException(
          "%s wants to be loaded at 0x%x, below 1 MiB, which no kernel does"
              .formatted(file.name(), segment.physical()));
    }
    if (segment.memorySize() > lowRam || segment.physical() > lowRam - segment.memorySize()) {
      throw new BootException(
          "%s needs memory up to 0x%x, but RAM ends at 0x%x (%d MiB): give the machine more"
              .formatted(file.name(), segment.end(), lowRam, lowRam >> 20));
    }
  }

  /** A Linux kernel's entry point is physical; others may give a virtual one. */
  private static long physicalEntry(String name, long entry, List<ElfSegment> segments)
      throws BootException {
    for (ElfSegment segment : segments) {
      if (entry >= segment.physical() && entry < segment.end()) {
        return entry;
      }
    }
    for (ElfSegment segment : segments) {
      long offset = entry - segment.virtual();
      if (offset >= 0 && offset < segment.memorySize()) {
        return segment.physical() + offset;
      }
    }
    throw new BootException(
        "%s has its entry point 0x%x outside its segments".formatted(name, entry));
  }

  /** First physical address beyond all segments. */
  long end() {
    return segments.stream().mapToLong(ElfSegment::end).max().orElseThrow();
  }

  private static String machineName(int machine) {
    return MACHINES.getOrDefault(machine, "machine type " + machine);
  }
}
