package dev.monoceros.machine;

import dev.monoceros.machine.block.Disk;
import dev.monoceros.machine.cpu.CpuCounters;
import dev.monoceros.virtio.blk.BlkCounts;
import java.util.Map;
import java.util.TreeMap;

/** Counters added up over the boots of a machine. */
final class StatsSum {
  private long virtualNanos;
  private CpuStats cpu = new CpuStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  private final Map<String, BlkCounts> devices = new TreeMap<>();

  /** Adds what a board has done; once, when it is done with. */
  void add(Board board) {
    CpuCounters c = board.cpu().counters();
    virtualNanos += board.cpu().now();
    cpu =
        new CpuStats(
            cpu.codeBytes() + c.codeBytes(),
            cpu.interrupts() + c.interrupts(),
            cpu.exceptions() + c.exceptions(),
            cpu.pageFaults() + c.pageFaults(),
            cpu.systemCalls() + c.systemCalls(),
            cpu.halts() + c.halts(),
            cpu.tlbFills() + c.tlbFills(),
            cpu.tlbFlushes() + c.tlbFlushes(),
            cpu.codeDrops() + c.codeDrops(),
            cpu.unclaimedReads() + board.unclaimedReads(),
            cpu.unclaimedWrites() + board.unclaimedWrites());
    board
        .blockDevices()
        .forEach((name, counts) -> devices.merge(name, counts.get(), BlkCounts::plus));
  }

  /** Ns of virtual time of all boots added. */
  long virtualNanos() {
    return virtualNanos;
  }

  CpuStats cpu() {
    return cpu;
  }

  DiskStats disk(String name, Disk.CacheCounts cache) {
    BlkCounts c = devices.getOrDefault(name, BlkCounts.NONE);
    return new DiskStats(
        name,
        c.reads(),
        c.writes(),
        c.flushes(),
        c.other(),
        c.failed(),
        c.bytesRead(),
        c.bytesWritten(),
        cache.hits(),
        cache.misses(),
        cache.evictions(),
        cache.writeBacks());
  }
}
