package dev.monoceros.unicorn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Has a library put the code buffer of its next engine where the block hook's stub is in direct
 * reach, so that blocks are counted inline and string instructions hastened. {@link
 * CodeBufferPlace} does so for the one library of a process; but a JVM that runs tests loads two,
 * between which its own mappings grow, and there may be no such place above the second.
 *
 * <p>The library's import of {@code mmap64} is pointed at another {@link CodeBufferPlace#map}.
 */
final class NearBuffer {
  private static final long SIZE = 1L << 30;
  private static final long SLACK = 64L << 20;
  private static final long ALIGNMENT = 2L << 20;

  /** From the stub to the beginning of the buffer, of which little is used. */
  private static final long REACH = 3L << 29;

  /** The beginning of {@link CodeBufferPlace#map}. */
  private static final byte[] WISH = HexFormat.of().parseHex("4885ff75134881fe00000040");

  private NearBuffer() {}

  static void forNextEngineOf(UnicornLibrary library) {
    try {
      long mmap = Linker.nativeLinker().defaultLookup().findOrThrow("mmap64").address();
      long wish = HostMemory.mapCode(CodeBufferPlace.map(near(library), mmap)).address();
      long slot = importSlot(library, mmap);
      if (HostMaps.read().writableEnd(slot) == 0) {
        HostMemory.patchLong(slot, wish);
      } else {
        HostMemory.putLong(slot, wish);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long near(UnicornLibrary library) {
    return HostMaps.read().gaps(SIZE + 2 * SLACK).stream()
        .mapToLong(gap -> Math.ceilDiv(gap.begin() + SLACK, ALIGNMENT) * ALIGNMENT)
        .filter(at -> Math.abs(at - library.inlinedStub()) < REACH)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no room for a buffer near the stub"));
  }

  private static long importSlot(UnicornLibrary library, long mmap) throws IOException {
    String file = library.file().toRealPath().toString();
    List<HostMaps.Range> data = new ArrayList<>();
    List<Long> targets = new ArrayList<>(List.of(mmap));
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      String[] fields = line.split(" +"); // range, permissions, offset, device, inode, file
      int dash = fields[0].indexOf('-');
      long begin = Long.parseUnsignedLong(fields[0], 0, dash, 16);
      long end = Long.parseUnsignedLong(fields[0], dash + 1, fields[0].length(), 16);
      boolean code = fields[1].charAt(2) == 'x';
      if (fields.length == 5 && code && fields[1].startsWith("r-")) {
        addWishes(targets, begin, end);
      } else if (line.endsWith(' ' + file) && !code && fields[1].startsWith("r")) {
        data.add(new HostMaps.Range(begin, end, fields[1], file));
      }
    }
    CodePointers pointers = CodePointers.find(data, targets);
    List<Long> slots = targets.stream().flatMap(at -> pointers.to(at).stream()).toList();
    if (slots.size() != 1) {
      throw new IllegalStateException("not one import of mmap64: " + slots);
    }
    return slots.getFirst();
  }

  /** Pages of code of no file that are such a function. */
  private static void addWishes(List<Long> targets, long begin, long end) {
    for (long page = begin; page < end; page += 4096) {
      if (isWish(page)) {
        targets.add(page);
      }
    }
  }

  private static boolean isWish(long page) {
    for (int i = 0; i < WISH.length; i++) {
      if (HostMemory.getByte(page + i) != WISH[i]) {
        return false;
      }
    }
    return true;
  }
}
