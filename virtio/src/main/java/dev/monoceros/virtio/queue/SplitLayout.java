package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;

/** Offsets, sizes and flags of a split virtqueue (2.7.5 to 2.7.8). */
final class SplitLayout {
  // struct virtq_desc { le64 addr; le32 len; le16 flags; le16 next; }
  static final int DESC_SIZE = 16;
  static final int DESC_ADDR = 0;
  static final int DESC_LEN = 8;
  static final int DESC_FLAGS = 12;
  static final int DESC_NEXT = 14;

  static final int DESC_F_NEXT = 1;
  static final int DESC_F_WRITE = 2;
  static final int DESC_F_INDIRECT = 4;

  // struct virtq_avail { le16 flags; le16 idx; le16 ring[size]; le16 used_event; }
  static final int AVAIL_FLAGS = 0;
  static final int AVAIL_IDX = 2;
  static final int AVAIL_RING = 4;
  static final int AVAIL_ENTRY_SIZE = 2;
  static final int AVAIL_F_NO_INTERRUPT = 1;

  // struct virtq_used { le16 flags; le16 idx; struct { le32 id; le32 len; } ring[size];
  //   le16 avail_event; }
  static final int USED_FLAGS = 0;
  static final int USED_IDX = 2;
  static final int USED_RING = 4;
  static final int USED_ENTRY_SIZE = 8;

  static final int EVENT_SIZE = 2;
  static final int INDEX_MASK = 0xFFFF;
  static final int MAX_SIZE = 1 << 15;

  private static final int DESC_ALIGNMENT = 16;
  private static final int AVAIL_ALIGNMENT = 2;
  private static final int USED_ALIGNMENT = 4;

  private SplitLayout() {}

  static long descriptorTableBytes(int size) {
    return (long) DESC_SIZE * size;
  }

  static long availBytes(int size) {
    return AVAIL_RING + (long) AVAIL_ENTRY_SIZE * size + EVENT_SIZE;
  }

  static long usedBytes(int size) {
    return USED_RING + (long) USED_ENTRY_SIZE * size + EVENT_SIZE;
  }

  static boolean isSize(int size) {
    return size > 0 && size <= MAX_SIZE && Integer.bitCount(size) == 1;
  }

  /** What makes the configured rings unusable, or null: checked once, before the first access. */
  static QueueFault check(GuestMemory memory, QueueSetup setup) {
    int size = setup.size();
    if (!isSize(size)) {
      return QueueFault.BAD_SIZE;
    }
    if (setup.descriptorTable() % DESC_ALIGNMENT != 0
        || setup.driverArea() % AVAIL_ALIGNMENT != 0
        || setup.deviceArea() % USED_ALIGNMENT != 0) {
      return QueueFault.MISALIGNED_RING;
    }
    if (!memory.contains(setup.descriptorTable(), descriptorTableBytes(size))
        || !memory.contains(setup.driverArea(), availBytes(size))
        || !memory.contains(setup.deviceArea(), usedBytes(size))) {
      return QueueFault.RING_OUTSIDE_RAM;
    }
    return null;
  }
}
