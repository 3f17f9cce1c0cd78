package dev.monoceros.machine.block;

import dev.monoceros.virtio.blk.BlkCounts;
import java.util.function.Supplier;

/** Where block devices leave what the machine reports about them, a service for plug-ins. */
@FunctionalInterface
public interface BlockDevices {
  /**
   * Registers a device's counters.
   *
   * @param name the guest's name for the disk: vda
   */
  void report(String name, Supplier<BlkCounts> counts);
}
