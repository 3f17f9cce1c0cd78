package dev.monoceros.images.initramfs;

import dev.monoceros.images.ImagesException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a kernel module says about itself in its {@code .modinfo} section: NUL-separated {@code
 * key=value} strings in a 64-bit little-endian ELF file (System V ABI, chapter 4).
 *
 * @param depends modules it needs, by name
 * @param softDepends what it asks to be loaded before it, by name or algorithm
 */
record ModuleInfo(List<String> depends, List<String> softDepends) {
  private static final int ELF_MAGIC = 0x464C457F;
  private static final int CLASS_OFFSET = 4;
  private static final byte CLASS_64 = 2;
  private static final int SECTION_TABLE_OFFSET = 0x28;
  private static final int SECTION_ENTRY_SIZE = 0x3A;
  private static final int SECTION_COUNT = 0x3C;
  private static final int NAME_SECTION_INDEX = 0x3E;
  private static final int HEADER_SIZE = 0x40;
  private static final int SECTION_FILE_OFFSET = 0x18;
  private static final int SECTION_SIZE = 0x20;
  private static final int MIN_SECTION_ENTRY = 0x40;
  private static final String SECTION = ".modinfo";
  private static final String DEPENDS = "depends=";
  private static final String SOFT_DEPENDS = "softdep=pre:";

  static ModuleInfo parse(String name, byte[] module) {
    try {
      return fromStrings(modinfo(name, ByteBuffer.wrap(module).order(ByteOrder.LITTLE_ENDIAN)));
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "The kernel module " + name + " is cut short or damaged.",
          e);
    }
  }

  private static ModuleInfo fromStrings(String modinfo) {
    List<String> depends = new ArrayList<>();
    List<String> soft = new ArrayList<>();
    for (String pair : modinfo.split("\0")) {
      if (pair.startsWith(DEPENDS)) {
        addWords(pair.substring(DEPENDS.length()).split(","), depends);
      } else if (pair.startsWith(SOFT_DEPENDS)) {
        String after = pair.substring(SOFT_DEPENDS.length());
        addWords(after.replaceFirst("post:.*$", "").strip().split("\\s+"), soft);
      }
    }
    return new ModuleInfo(List.copyOf(depends), List.copyOf(soft));
  }

  private static void addWords(String[] words, List<String> to) {
    Arrays.stream(words).filter(word -> !word.isEmpty()).forEach(to::add);
  }

  private static String modinfo(String name, ByteBuffer elf) {
    if (elf.limit() < HEADER_SIZE
        || elf.getInt(0) != ELF_MAGIC
        || elf.get(CLASS_OFFSET) != CLASS_64) {
      throw new ImagesException(
          ImagesException.Kind.BAD_INPUT,
          "The kernel module " + name + " is not a 64-bit ELF file.");
    }
    int table = Math.toIntExact(elf.getLong(SECTION_TABLE_OFFSET));
    int entrySize =
        Math.max(MIN_SECTION_ENTRY, Short.toUnsignedInt(elf.getShort(SECTION_ENTRY_SIZE)));
    int count = Short.toUnsignedInt(elf.getShort(SECTION_COUNT));
    int names =
        sectionOffset(
            elf,
            Math.addExact(
                table, entrySize * Short.toUnsignedInt(elf.getShort(NAME_SECTION_INDEX))));
    for (int i = 0; i < count; i++) {
      int header = Math.addExact(table, i * entrySize);
      if (cString(elf, Math.addExact(names, elf.getInt(header))).equals(SECTION)) {
        int size = Math.toIntExact(elf.getLong(header + SECTION_SIZE));
        byte[] content = new byte[Math.min(size, elf.limit())];
        elf.get(sectionOffset(elf, header), content);
        return new String(content, StandardCharsets.UTF_8);
      }
    }
    throw new ImagesException(
        ImagesException.Kind.BAD_INPUT, "The kernel module " + name + " has no .modinfo section.");
  }

  private static int sectionOffset(ByteBuffer elf, int header) {
    return Math.toIntExact(elf.getLong(header + SECTION_FILE_OFFSET));
  }

  private static String cString(ByteBuffer elf, int at) {
    int end = at;
    while (elf.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - at];
    elf.get(at, text);
    return new String(text, StandardCharsets.US_ASCII);
  }
}
