package dev.monoceros.machine.block;

import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.pci.VirtioPciTransport;
import dev.monoceros.virtio.testing.BlkDriver;
import dev.monoceros.virtio.testing.ByteGuestMemory;
import dev.monoceros.virtio.testing.FakeDriver;
import dev.monoceros.virtio.testing.ManualClock;
import dev.monoceros.virtio.testing.RecordingInterrupt;

/** A disk of the machine behind a virtio device, with a driver in front. */
final class DiskRig {
  static final int MOST_SECTORS = 256;

  private static final long BASE = 0x10_0000;
  private static final int RAM_BYTES = 1 << 20;
  private static final int QUEUE = 16;

  final ManualClock clock = new ManualClock();
  final VirtioBlock block;
  final FakeDriver driver;
  final BlkDriver disk;

  DiskRig(Disk backend) {
    this(backend, BlkOptions.DEFAULT);
  }

  DiskRig(Disk backend, BlkOptions options) {
    ByteGuestMemory memory = new ByteGuestMemory(BASE, RAM_BYTES);
    block = new VirtioBlock(backend, options, LatencyModel.DEFAULT, clock);
    driver =
        new FakeDriver(new VirtioPciTransport(block, memory, new RecordingInterrupt(0)), memory);
    disk =
        new BlkDriver(
            driver, driver.start(driver.offered(), QUEUE), clock, MOST_SECTORS * Disk.SECTOR_SIZE);
  }

  /** The status of a read, and the virtual time it took. */
  record Outcome(int status, long nanos) {}

  Outcome read(long sector, int sectors) {
    long before = clock.nowNanos();
    int status = disk.transfer(BlkDriver.T_IN, sector, (long) sectors * Disk.SECTOR_SIZE, true);
    return new Outcome(status, clock.nowNanos() - before);
  }

  /** Writes sectors that all hold {@code value}; returns the status. */
  int write(long sector, int sectors, int value) {
    byte[] data = filled(sectors, value);
    driver.memory().write(disk.dataAddress(), data, 0, data.length);
    return disk.transfer(BlkDriver.T_OUT, sector, data.length, false);
  }

  int flush() {
    return disk.transfer(BlkDriver.T_FLUSH, 0, 0, false);
  }

  int change(int type, long sector, long sectors) {
    return disk.change(type, new BlkDriver.Range(sector, sectors, 0));
  }

  static byte[] filled(int sectors, int value) {
    byte[] data = new byte[sectors * Disk.SECTOR_SIZE];
    java.util.Arrays.fill(data, (byte) value);
    return data;
  }
}
