package dev.monoceros.machine.boot;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Brings an ELF kernel's segments to their physical addresses. */
final class KernelPlacer {
  private final PhysicalMemory ram;
  private final ElfKernel kernel;

  KernelPlacer(PhysicalMemory ram, ElfKernel kernel) {
    this.ram = ram;
    this.kernel = kernel;
  }

  /** Reads the segments straight from {@code file} into RAM. */
  void placeFrom(BootSource file) throws IOException {
    for (ElfSegment segment : kernel.segments()) {
      file.read(segment.offset(), ram.slice(segment.physical(), segment.fileSize()));
    }
    zeroRests();
  }

  /**
   * Moves the segments of a file that lies in RAM itself, from {@code staging} on. Where the file
   * was unpacked at the right address most of it need not move at all. Leaves no trace of the file
   * elsewhere.
   */
  void placeStaged(long staging, long fileSize) {
    List<ElfSegment> waiting = new ArrayList<>(kernel.segments());
    waiting.removeIf(s -> staging + s.offset() == s.physical());
    for (Optional<ElfSegment> next = nextMovable(waiting, staging);
        next.isPresent();
        next = nextMovable(waiting, staging)) {
      target(next.get()).copyFrom(ram.slice(staging + next.get().offset(), next.get().fileSize()));
      waiting.remove(next.get());
    }
    moveThroughCopies(waiting, staging);
    clearLeftovers(staging, staging + fileSize);
    zeroRests();
  }

  /** A segment whose place holds no bytes of another one that still has to move. */
  private static Optional<ElfSegment> nextMovable(List<ElfSegment> waiting, long staging) {
    return waiting.stream()
        .filter(
            s ->
                waiting.stream()
                    .allMatch(
                        other ->
                            other.equals(s)
                                || !overlaps(
                                    s.physical(),
                                    s.fileSize(),
                                    staging + other.offset(),
                                    other.fileSize())))
        .findFirst();
  }

  /** Segments that want each other's places: no kernel has them, but a file may. */
  private void moveThroughCopies(List<ElfSegment> waiting, long staging) {
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> copies = new ArrayList<>();
      for (ElfSegment segment : waiting) {
        copies.add(
            arena
                .allocate(segment.fileSize())
                .copyFrom(ram.slice(staging + segment.offset(), segment.fileSize())));
      }
      for (int i = 0; i < waiting.size(); i++) {
        target(waiting.get(i)).copyFrom(copies.get(i));
      }
    }
  }

  private void clearLeftovers(long from, long to) {
    List<ElfSegment> byAddress = new ArrayList<>(kernel.segments());
    byAddress.sort(Comparator.comparingLong(ElfSegment::physical));
    long clean = from;
    for (ElfSegment segment : byAddress) {
      zero(clean, Math.min(segment.physical(), to));
      clean = Math.max(clean, segment.physical() + segment.fileSize());
    }
    zero(clean, to);
  }

  /** What the file does not hold of a segment is zero: .bss, .brk. */
  private void zeroRests() {
    for (ElfSegment segment : kernel.segments()) {
      zero(segment.physical() + segment.fileSize(), segment.end());
    }
  }

  private void zero(long from, long to) {
    if (to > from) {
      ram.slice(from, to - from).fill((byte) 0);
    }
  }

  private MemorySegment target(ElfSegment segment) {
    return ram.slice(segment.physical(), segment.fileSize());
  }

  private static boolean overlaps(long a, long aLength, long b, long bLength) {
    return a < b + bLength && b < a + aLength;
  }
}
