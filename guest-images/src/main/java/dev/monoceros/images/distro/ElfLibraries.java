package dev.monoceros.images.distro;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which libraries a program of x86-64 names in its dynamic section (gABI 4.1, "Dynamic Linking").
 */
final class ElfLibraries {
  private static final int MAGIC = 0x464C457F;
  private static final int MACHINE_X86_64 = 62;

  // ELF64 header.
  private static final int E_MACHINE = 18;
  private static final int E_PHOFF = 32;
  private static final int E_PHENTSIZE = 54;
  private static final int E_PHNUM = 56;
  private static final int HEADER_BYTES = 64;

  // ELF64 program header.
  private static final int PT_LOAD = 1;
  private static final int PT_DYNAMIC = 2;
  private static final int P_OFFSET = 8;
  private static final int P_VADDR = 16;
  private static final int P_FILESZ = 32;

  private static final int DYNAMIC_BYTES = 16;
  private static final long DT_NULL = 0;
  private static final long DT_NEEDED = 1;
  private static final long DT_STRTAB = 5;

  private final ByteBuffer elf;

  private ElfLibraries(byte[] file) {
    this.elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A part of the file that is mapped or read as a whole. */
  private record Segment(int type, long offset, long address, long size) {}

  /** Whether a file is a program or library for the guest. */
  static boolean isElf(byte[] file) {
    ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    return file.length >= HEADER_BYTES
        && header.getInt(0) == MAGIC
        && header.getShort(E_MACHINE) == MACHINE_X86_64;
  }

  /**
   * The libraries' names in their order; none for a static program.
   *
   * @throws IOException when the file is cut off or contradicts itself
   */
  static List<String> needed(Path file) throws IOException {
    try {
      return new ElfLibraries(Files.readAllBytes(file)).needed();
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new IOException(file.getFileName() + " is a damaged program", e);
    }
  }

  private List<String> needed() {
    List<Segment> segments = segments();
    Optional<Segment> dynamic = segments.stream().filter(one -> one.type == PT_DYNAMIC).findFirst();
    if (dynamic.isEmpty()) {
      return List.of();
    }
    List<Long> names = new ArrayList<>();
    long strings = 0;
    for (long at = 0; at + DYNAMIC_BYTES <= dynamic.get().size; at += DYNAMIC_BYTES) {
      int entry = Math.toIntExact(Math.addExact(dynamic.get().offset, at));
      long tag = elf.getLong(entry);
      long value = elf.getLong(entry + Long.BYTES);
      if (tag == DT_NULL) {
        break;
      } else if (tag == DT_NEEDED) {
        names.add(value);
      } else if (tag == DT_STRTAB) {
        strings = fileOffset(segments, value);
      }
    }
    List<String> needed = new ArrayList<>();
    for (long name : names) {
      needed.add(string(Math.toIntExact(Math.addExact(strings, name))));
    }
    return needed;
  }

  private List<Segment> segments() {
    List<Segment> segments = new ArrayList<>();
    int table = Math.toIntExact(elf.getLong(E_PHOFF));
    int size = Short.toUnsignedInt(elf.getShort(E_PHENTSIZE));
    for (int i = 0; i < Short.toUnsignedInt(elf.getShort(E_PHNUM)); i++) {
      int at = Math.addExact(table, i * size);
      segments.add(
          new Segment(
              elf.getInt(at),
              elf.getLong(at + P_OFFSET),
              elf.getLong(at + P_VADDR),
              elf.getLong(at + P_FILESZ)));
    }
    return segments;
  }

  private static long fileOffset(List<Segment> segments, long address) {
    return segments.stream()
        .filter(one -> one.type == PT_LOAD && address >= one.address)
        .filter(one -> address - one.address < one.size)
        .map(one -> one.offset + (address - one.address))
        .findFirst()
        .orElseThrow(IndexOutOfBoundsException::new);
  }

  private String string(int at) {
    int end = at;
    while (elf.get(end) != 0) {
      end++;
    }
    return new String(elf.array(), at, end - at, StandardCharsets.UTF_8);
  }
}
