package dev.monoceros.machine.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes small ELF kernels (System V ABI, chapters 4 and 5). */
final class TestElf {
  @SuppressWarnings("ArrayRecordComponent")
  private record Load(
      long offset, long virtual, long physical, byte[] bytes, long memorySize, int type) {}

  private final List<Load> loads = new ArrayList<>();
  int machine = 62;
  int type = 2;
  int elfClass = 2;
  long entry = 0x1000000;

  TestElf load(long offset, long physical, byte[] bytes, long memorySize) {
    loads.add(new Load(offset, 0xffff_ffff_8000_0000L + physical, physical, bytes, memorySize, 1));
    return this;
  }

  TestElf header(int headerType) {
    loads.add(new Load(0, 0, 0, new byte[0], 0, headerType));
    return this;
  }

  /** A PT_NOTE program header with such notes. */
  TestElf notes(long offset, byte[] notes) {
    loads.add(new Load(offset, 0, 0, notes, notes.length, 4));
    return this;
  }

  /** A note with a name of four bytes (System V ABI, chapter 5, "Note Section"). */
  static byte[] note(String name, int type, byte[] description) {
    ByteBuffer note =
        ByteBuffer.allocate(16 + (description.length + 3 & ~3)).order(ByteOrder.LITTLE_ENDIAN);
    note.putInt(4).putInt(description.length).putInt(type);
    note.put(name.getBytes(StandardCharsets.US_ASCII)).put(description);
    return note.array();
  }

  /** A recognisable pattern that does not repeat soon. */
  static byte[] pattern(int length, int seed) {
    byte[] bytes = new byte[length];
    long state = seed * 0x9e37_79b9L + 1;
    for (int i = 0; i < length; i++) {
      state = state * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
      // Every other byte repeats, so that compressors have something to do.
      bytes[i] = (i & 1) == 0 ? (byte) seed : (byte) (state >>> 56);
    }
    return bytes;
  }

  byte[] build() {
    long size = 64 + 56L * loads.size();
    for (Load load : loads) {
      size = Math.max(size, load.offset() + load.bytes().length);
    }
    ByteBuffer b = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    b.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) elfClass, 1, 1});
    b.position(16)
        .putShort((short) type)
        .putShort((short) machine)
        .putInt(1)
        .putLong(entry)
        .putLong(64);
    b.position(52).putShort((short) 64).putShort((short) 56).putShort((short) loads.size());
    b.position(64);
    for (Load load : loads) {
      b.putInt(load.type())
          .putInt(7)
          .putLong(load.offset())
          .putLong(load.virtual())
          .putLong(load.physical());
      b.putLong(load.bytes().length).putLong(load.memorySize()).putLong(4096);
    }
    for (Load load : loads) {
      b.position((int) load.offset()).put(load.bytes());
    }
    return b.array();
  }
}
