package dev.monoceros.machine.bus;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * An address space in which devices claim ranges: memory-mapped I/O, or the 65,536 ports. Belongs
 * to the vCPU thread.
 *
 * <p>Reads that nobody claims give all ones and writes vanish, as on a PC; both are counted. An
 * access that leaves the region it begins in is cut into bytes, each of which goes to whoever
 * claims it.
 */
public final class AddressBus {
  private static final Registration[] NONE = {};

  private final String name;
  private final long limit;
  private Registration[] sorted = NONE;
  private Registration last;
  private long unclaimedReads;
  private long unclaimedWrites;

  /**
   * An empty bus.
   *
   * @param name for messages
   * @param limit number of addresses, that is the first address that does not exist; at least 1
   */
  public AddressBus(String name, long limit) {
    this.name = Objects.requireNonNull(name);
    if (limit < 1) {
      throw new IllegalArgumentException("bus " + name + " needs at least one address");
    }
    this.limit = limit;
  }

  /**
   * Claims {@code [base, base + length)} for {@code region}.
   *
   * @throws IllegalArgumentException if the range is empty, leaves the bus or overlaps another one
   */
  public Registration register(String owner, long base, long length, IoRegion region) {
    Objects.requireNonNull(region);
    if (length < 1 || base < 0 || length > limit || base > limit - length) {
      throw new IllegalArgumentException(
          "%s: 0x%x bytes at 0x%x do not fit on bus %s (0x%x addresses)"
              .formatted(owner, length, base, name, limit));
    }
    int place = 0;
    for (Registration other : sorted) {
      if (overlaps(other, base, length)) {
        throw new IllegalArgumentException(
            "%s at 0x%x-0x%x overlaps %s on bus %s"
                .formatted(owner, base, base + length - 1, other, name));
      }
      if (other.base < base) {
        place++;
      }
    }
    Registration added = new Registration(this, owner, base, length, region);
    Registration[] grown = new Registration[sorted.length + 1];
    System.arraycopy(sorted, 0, grown, 0, place);
    grown[place] = added;
    System.arraycopy(sorted, place, grown, place + 1, sorted.length - place);
    sorted = grown;
    return added;
  }

  /** Whether {@link #register} would accept this range now. */
  public boolean isFree(long base, long length) {
    if (length < 1 || base < 0 || length > limit || base > limit - length) {
      return false;
    }
    for (Registration other : sorted) {
      if (overlaps(other, base, length)) {
        return false;
      }
    }
    return true;
  }

  void unregister(Registration gone) {
    sorted = Arrays.stream(sorted).filter(r -> r != gone).toArray(Registration[]::new);
    last = null;
  }

  /**
   * Reads.
   *
   * @param size 1, 2, 4 or 8 bytes
   * @return the value, zero above {@code size} bytes; all ones where nobody answers
   */
  public long read(long address, int size) {
    Registration hit = find(address, size);
    return hit != null
        ? hit.region.read(address - hit.base, size) & mask(size)
        : readBytes(address, size);
  }

  /**
   * Writes.
   *
   * @param size 1, 2, 4 or 8 bytes
   * @param value bits above {@code size} bytes are ignored
   */
  public void write(long address, int size, long value) {
    Registration hit = find(address, size);
    if (hit != null) {
      hit.region.write(address - hit.base, size, value & mask(size));
    } else {
      writeBytes(address, size, value);
    }
  }

  /** Number of reads of which at least one byte was claimed by nobody. */
  public long unclaimedReads() {
    return unclaimedReads;
  }

  /** Number of writes of which at least one byte was claimed by nobody. */
  public long unclaimedWrites() {
    return unclaimedWrites;
  }

  /** The name given at construction. */
  public String name() {
    return name;
  }

  /** The first address that does not exist. */
  public long limit() {
    return limit;
  }

  /** Who claims what, by ascending address: a snapshot for reports. */
  public List<Registration> registrations() {
    return new ArrayList<>(Arrays.asList(sorted));
  }

  /** The region that holds the whole access, or null. */
  private Registration find(long address, int size) {
    Registration guess = last;
    if (guess != null && guess.contains(address, size)) {
      return guess;
    }
    mask(size);
    Registration holder = holder(address);
    if (holder == null || !holder.contains(address, size)) {
      return null;
    }
    last = holder;
    return holder;
  }

  private Registration holder(long address) {
    Registration[] ranges = sorted;
    int low = 0;
    int high = ranges.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Registration candidate = ranges[middle];
      if (candidate.contains(address)) {
        return candidate;
      }
      if (address < candidate.base) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    }
    return null;
  }

  private long readBytes(long address, int size) {
    long value = 0;
    boolean unclaimed = false;
    for (int i = 0; i < size; i++) {
      Registration holder = holder(address + i);
      long one = holder == null ? 0xff : holder.region.read(address + i - holder.base, 1) & 0xff;
      unclaimed |= holder == null;
      value |= one << (8 * i);
    }
    unclaimedReads += unclaimed ? 1 : 0;
    return value;
  }

  private void writeBytes(long address, int size, long value) {
    boolean unclaimed = false;
    for (int i = 0; i < size; i++) {
      Registration holder = holder(address + i);
      if (holder == null) {
        unclaimed = true;
      } else {
        holder.region.write(address + i - holder.base, 1, value >>> (8 * i) & 0xff);
      }
    }
    unclaimedWrites += unclaimed ? 1 : 0;
  }

  private static boolean overlaps(Registration other, long base, long length) {
    // Both ranges lie inside [0, limit], so the sums cannot overflow.
    return base < other.base + other.length && other.base < base + length;
  }

  private static long mask(int size) {
    return switch (size) {
      case 1 -> 0xffL;
      case 2 -> 0xffffL;
      case 4 -> 0xffff_ffffL;
      case 8 -> -1L;
      default -> throw new IllegalArgumentException("an access of " + size + " bytes");
    };
  }
}
