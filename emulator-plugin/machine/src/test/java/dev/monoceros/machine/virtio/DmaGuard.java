package dev.monoceros.machine.virtio;

import dev.monoceros.virtio.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/** RAM as a device reaches it, which fails the test when it does so without being bus master. */
record DmaGuard(GuestMemory ram, BooleanSupplier isBusMaster) implements GuestMemory {
  @Override
  public boolean contains(long gpa, long length) {
    return ram.contains(gpa, length);
  }

  @Override
  public MemorySegment region(long gpa) {
    if (!isBusMaster.getAsBoolean()) {
      throw new AssertionError("DMA at 0x" + Long.toHexString(gpa) + " without bus mastering");
    }
    return ram.region(gpa);
  }

  @Override
  public long regionOffset(long gpa) {
    return ram.regionOffset(gpa);
  }

  @Override
  public void written(long gpa, long length) {
    ram.written(gpa, length);
  }
}
