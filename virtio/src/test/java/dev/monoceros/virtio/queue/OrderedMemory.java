package dev.monoceros.virtio.queue;

import dev.monoceros.virtio.memory.GuestMemory;
import java.lang.foreign.MemorySegment;

/** Guest memory that lets a test look on at every single write, in order. */
final class OrderedMemory implements GuestMemory {
  /** Told after each write. */
  interface Observer {
    void written(long gpa, long length);
  }

  private final GuestMemory memory;
  private final Observer observer;

  OrderedMemory(GuestMemory memory, Observer observer) {
    this.memory = memory;
    this.observer = observer;
  }

  @Override
  public boolean contains(long gpa, long length) {
    return memory.contains(gpa, length);
  }

  @Override
  public MemorySegment region(long gpa) {
    return memory.region(gpa);
  }

  @Override
  public long regionOffset(long gpa) {
    return memory.regionOffset(gpa);
  }

  @Override
  public void written(long gpa, long length) {
    memory.written(gpa, length);
    observer.written(gpa, length);
  }
}
