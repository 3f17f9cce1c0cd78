package dev.monoceros.qcow.format;

import dev.monoceros.qcow.io.ImageFault;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The key slots of a LUKS header, checked in QEMU's order. */
final class LuksSlots {
  private static final int SLOTS_AT = 208;
  private static final int SLOT = 48;
  private static final int SLOTS = 8;
  private static final int ITERATIONS = 4;
  private static final int KEY = 40;
  private static final int STRIPES = 44;
  private static final int ACTIVE = 0x00ac71f3;
  private static final int INACTIVE = 0x0000dead;
  private static final int USUAL_STRIPES = 4000;

  /** Of a key slot, and of the header itself. */
  private static final int ALIGNMENT = 8;

  private final ByteBuffer bytes;
  private final long offset;

  /**
   * @param offset of the header in the file, for messages
   */
  LuksSlots(ByteBuffer bytes, long offset) {
    this.bytes = bytes;
    this.offset = offset;
  }

  List<LuksHeader.Slot> list() {
    List<LuksHeader.Slot> slots = new ArrayList<>();
    for (int i = 0; i < SLOTS; i++) {
      slots.add(
          new LuksHeader.Slot(
              bytes.getInt(at(i)) == ACTIVE,
              u32(at(i) + ITERATIONS),
              start(i) * LuksHeader.SECTOR,
              u32(at(i) + STRIPES)));
    }
    return slots;
  }

  void check() throws ImageFault {
    for (int i = 0; i < SLOTS; i++) {
      long stripes = u32(at(i) + STRIPES);
      if (stripes != USUAL_STRIPES) {
        throw bad(i, "is corrupted (stripes " + stripes + " != " + USUAL_STRIPES + ")");
      }
      if (start(i) < ALIGNMENT) {
        throw bad(i, "is overlapping with the LUKS header");
      }
      int state = bytes.getInt(at(i));
      if (state != ACTIVE && state != INACTIVE) {
        throw bad(i, "state (active/disable) is corrupted");
      }
      if (end(i) > u32(LuksHeader.PAYLOAD_AT)) {
        throw bad(i, "is overlapping with the encrypted payload");
      }
      for (int j = i + 1; j < SLOTS; j++) {
        if (start(i) < end(j) && start(j) < end(i)) {
          throw ImageFault.corrupt(
              offset + at(i), "Keyslots " + i + " and " + j + " are overlapping in the header");
        }
      }
    }
  }

  private ImageFault bad(int slot, String what) {
    return ImageFault.corrupt(offset + at(slot), "Keyslot " + slot + " " + what);
  }

  private static int at(int slot) {
    return SLOTS_AT + slot * SLOT;
  }

  /** First sector of the key. */
  private long start(int slot) {
    return u32(at(slot) + KEY);
  }

  /** First sector after the key, which is spread over its stripes; far from overflow. */
  private long end(int slot) {
    long sectors =
        Math.ceilDiv(u32(LuksHeader.KEY_BYTES_AT) * u32(at(slot) + STRIPES), LuksHeader.SECTOR);
    return start(slot) + Math.ceilDiv(sectors, ALIGNMENT) * ALIGNMENT;
  }

  private long u32(int at) {
    return HeaderParser.u32(bytes, at);
  }
}
