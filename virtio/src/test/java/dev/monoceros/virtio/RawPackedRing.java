package dev.monoceros.virtio;

import dev.monoceros.virtio.testing.PackedDriverRing;
import java.util.List;

/**
 * A packed ring filled descriptor by descriptor, right or wrong, without any opinion about what the
 * device may do with it. Positions and wrap counters are its own.
 */
public final class RawPackedRing {
  /** A descriptor without its AVAIL and USED flags, which follow from its place. */
  public record Raw(long address, long length, int flags) {}

  /** A used descriptor. */
  public record Used(int id, long length) {}

  private final BlkRig rig;
  private final PackedDriverRing ring;
  private int next;
  private boolean wrap = true;
  private int nextUsed;
  private boolean usedWrap = true;

  /** On the first queue of a rig, just set up and not used before. */
  public RawPackedRing(BlkRig rig) {
    this.rig = rig;
    this.ring = rig.packed;
  }

  /** Makes descriptors available, all with the same buffer ID; their first one last. */
  public void offer(int id, List<Raw> descriptors) {
    int first = next;
    int firstFlags = 0;
    for (int i = 0; i < descriptors.size(); i++) {
      Raw raw = descriptors.get(i);
      int flags = raw.flags() | (wrap ? PackedDriverRing.F_AVAIL : PackedDriverRing.F_USED);
      firstFlags = i == 0 ? flags : firstFlags;
      ring.put(at(next), raw.address(), raw.length(), id, i == 0 ? stale() : flags);
      advance();
    }
    rig.memory.putU16(at(first) + 14, firstFlags);
  }

  private int stale() {
    return wrap ? 0 : PackedDriverRing.F_AVAIL | PackedDriverRing.F_USED;
  }

  private void advance() {
    next++;
    if (next == ring.size()) {
      next = 0;
      wrap = !wrap;
    }
  }

  /** Guest physical address of a descriptor of the ring. */
  public long at(int slot) {
    return ring.ring() + 16L * slot;
  }

  /** Where the next descriptor goes. */
  public int next() {
    return next;
  }

  /** Whether the device has used another chain. */
  public boolean hasUsed() {
    int flags = rig.memory.u16(at(nextUsed) + 14);
    boolean avail = (flags & PackedDriverRing.F_AVAIL) != 0;
    boolean used = (flags & PackedDriverRing.F_USED) != 0;
    return avail == usedWrap && used == usedWrap;
  }

  /** Takes the next used chain, which had so many descriptors in the ring. */
  public Used take(int descriptors) {
    if (!hasUsed()) {
      throw new IllegalStateException("no used chain");
    }
    boolean written = (rig.memory.u16(at(nextUsed) + 14) & PackedDriverRing.F_WRITE) != 0;
    long length = written ? rig.memory.u32(at(nextUsed) + 8) : 0;
    Used used = new Used(rig.memory.u16(at(nextUsed) + 12), length);
    nextUsed += descriptors;
    if (nextUsed >= ring.size()) {
      nextUsed -= ring.size();
      usedWrap = !usedWrap;
    }
    return used;
  }
}
