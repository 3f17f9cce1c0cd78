package dev.monoceros.machine;

import dev.monoceros.machine.cpu.Cpu;
import dev.monoceros.machine.cpu.PhysicalRam;
import dev.monoceros.virtio.memory.GuestMemory;
import java.lang.foreign.MemorySegment;

/** Guest RAM as devices reach it; what they write is told to the CPU, which drops stale code. */
record DmaMemory(PhysicalRam ram, Cpu cpu) implements GuestMemory {
  @Override
  public boolean contains(long gpa, long length) {
    return ram.contains(gpa, length);
  }

  @Override
  public MemorySegment region(long gpa) {
    return ram.segment();
  }

  @Override
  public long regionOffset(long gpa) {
    return ram.offset(gpa);
  }

  @Override
  public void written(long gpa, long length) {
    cpu.memoryWritten(gpa, length);
  }
}
