package dev.monoceros.machine.block;

import dev.monoceros.virtio.blk.BlkCounts;
import java.util.function.Supplier;

/** Where block devices leave what the machine needs of them, a service for plug-ins. */
@FunctionalInterface
public interface BlockDevices {
  /**
   * Registers a device.
   *
   * @param name the guest's name for the disk: vda
   * @param counts its counters
   * @param capacityChanged tells it that its disk has another size
   */
  void register(String name, Supplier<BlkCounts> counts, Runnable capacityChanged);
}
