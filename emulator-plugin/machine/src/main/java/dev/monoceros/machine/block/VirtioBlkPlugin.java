package dev.monoceros.machine.block;

import dev.monoceros.machine.bus.MmioSlots;
import dev.monoceros.machine.plugin.DeviceConfig;
import dev.monoceros.machine.plugin.DeviceContext;
import dev.monoceros.machine.plugin.DevicePlugin;
import dev.monoceros.machine.plugin.PluginException;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import dev.monoceros.virtio.memory.GuestMemory;
import java.util.Set;

/**
 * The device {@code virtio-blk}: a disk of the machine behind a virtio block device. Its id is the
 * disk's name; the option {@code serial} is what GET_ID answers, and {@code transport} is {@code
 * pci}, the default, or {@code mmio}.
 */
public final class VirtioBlkPlugin implements DevicePlugin {
  /** The name of this kind of device. */
  public static final String NAME = "virtio-blk";

  /** The option that chooses the transport. */
  public static final String TRANSPORT = "transport";

  /** The transport of memory-mapped registers, which the guest finds by the DSDT. */
  public static final String MMIO = "mmio";

  private static final String PCI = "pci";
  private static final String SERIAL = "serial";

  /** For the service loader. */
  public VirtioBlkPlugin() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void attach(DeviceContext context, DeviceConfig config) throws PluginException {
    config.requireKnown(Set.of(SERIAL, TRANSPORT));
    boolean pci = onPci(config);
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
    GuestMemory memory = context.service(GuestMemory.class);
    String owner = NAME + " " + config.id();
    if (pci) {
      context.pci().add(VirtioFunction.build(owner, device, memory));
    } else {
      VirtioWindow.attach(owner, device, memory, context.service(MmioSlots.class));
    }
  }

  private static boolean onPci(DeviceConfig config) throws PluginException {
    String transport = config.option(TRANSPORT).orElse(PCI);
    return switch (transport) {
      case PCI -> true;
      case MMIO -> false;
      default ->
          throw new PluginException(
              "%s: option transport=%s is neither pci nor mmio".formatted(config.id(), transport));
    };
  }
}
