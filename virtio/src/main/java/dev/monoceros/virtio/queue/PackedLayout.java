package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;

/** Offsets, sizes and flags of a packed virtqueue (2.8.13, 2.8.14). */
final class PackedLayout {
  // struct pvirtq_desc { le64 addr; le32 len; le16 id; le16 flags; }
  static final int DESC_SIZE = 16;
  static final int DESC_ADDR = 0;
  static final int DESC_LEN = 8;
  static final int DESC_ID = 12;
  static final int DESC_FLAGS = 14;

  static final int DESC_F_NEXT = 1;
  static final int DESC_F_WRITE = 2;
  static final int DESC_F_INDIRECT = 4;
  static final int DESC_F_AVAIL = 1 << 7;
  static final int DESC_F_USED = 1 << 15;

  // struct pvirtq_event_suppress { le16 desc_event_off : 15, desc_event_wrap : 1; le16 flags; }
  static final int EVENT_DESC = 0;
  static final int EVENT_FLAGS = 2;
  static final int EVENT_SIZE = 4;

  static final int EVENT_OFF_MASK = 0x7FFF;
  static final int EVENT_WRAP_SHIFT = 15;

  // RING_EVENT_FLAGS_*
  static final int EVENT_FLAGS_MASK = 3;
  static final int EVENT_FLAGS_ENABLE = 0;
  static final int EVENT_FLAGS_DISABLE = 1;
  static final int EVENT_FLAGS_DESC = 2;

  /** 2.8.10.1: any size up to 2^15. */
  static final int MAX_SIZE = 1 << 15;

  private static final int DESC_ALIGNMENT = 16;
  private static final int EVENT_ALIGNMENT = 4;

  private PackedLayout() {}

  /** What makes the configured areas unusable, or null: checked once, before the first access. */
  static QueueFault check(GuestMemory memory, QueueSetup setup) {
    int size = setup.size();
    if (size <= 0 || size > MAX_SIZE) {
      return QueueFault.BAD_SIZE;
    }
    if (setup.descriptorTable() % DESC_ALIGNMENT != 0
        || setup.driverArea() % EVENT_ALIGNMENT != 0
        || setup.deviceArea() % EVENT_ALIGNMENT != 0) {
      return QueueFault.MISALIGNED_RING;
    }
    if (!memory.contains(setup.descriptorTable(), (long) DESC_SIZE * size)
        || !memory.contains(setup.driverArea(), EVENT_SIZE)
        || !memory.contains(setup.deviceArea(), EVENT_SIZE)) {
      return QueueFault.RING_OUTSIDE_RAM;
    }
    return null;
  }

  /**
   * 2.8.1: available are descriptors whose AVAIL flag equals the wrap counter and USED does not.
   */
  static boolean isAvailable(int flags, boolean wrapCounter) {
    boolean avail = (flags & DESC_F_AVAIL) != 0;
    boolean used = (flags & DESC_F_USED) != 0;
    return avail == wrapCounter && used != wrapCounter;
  }
}
