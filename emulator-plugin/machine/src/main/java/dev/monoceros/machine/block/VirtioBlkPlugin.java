package dev.monoceros.machine.block;

import dev.monoceros.machine.plugin.DeviceConfig;
import dev.monoceros.machine.plugin.DeviceContext;
import dev.monoceros.machine.plugin.DevicePlugin;
import dev.monoceros.machine.plugin.PluginException;
import dev.monoceros.machine.virtio.VirtioTransport;
import dev.monoceros.machine.virtio.VirtualTime;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import java.util.Set;

/**
 * The device {@code virtio-blk}: a disk of the machine behind a virtio block device. Its id is the
 * disk's name; the option {@code serial} is what GET_ID answers, and {@code transport} is {@code
 * pci}, the default, or {@code mmio}.
 */
public final class VirtioBlkPlugin implements DevicePlugin {
  /** The name of this kind of device. */
  public static final String NAME = "virtio-blk";

  private static final String SERIAL = "serial";

  /** For the service loader. */
  public VirtioBlkPlugin() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void attach(DeviceContext context, DeviceConfig config) throws PluginException {
    config.requireKnown(Set.of(SERIAL, VirtioTransport.OPTION));
    VirtioTransport transport = VirtioTransport.of(config);
    Disk disk = context.service(Disks.class).disk(config.id());
    BlkOptions options = BlkOptions.DEFAULT;
    if (config.option(SERIAL).isPresent()) {
      try {
        options = options.withSerial(config.option(SERIAL).get());
      } catch (IllegalArgumentException e) {
        throw new PluginException(config.id() + ": " + e.getMessage(), e);
      }
    }
    VirtioBlock device =
        new VirtioBlock(disk, options, LatencyModel.DEFAULT, new VirtualTime(context.events()));
    context.service(BlockDevices.class).report(config.id(), device::counts);
    transport.plugIn(context, NAME + " " + config.id(), device);
  }
}
