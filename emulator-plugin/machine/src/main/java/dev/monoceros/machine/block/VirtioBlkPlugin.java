package dev.monoceros.machine.block;

import dev.monoceros.machine.plugin.DeviceConfig;
import dev.monoceros.machine.plugin.DeviceContext;
import dev.monoceros.machine.plugin.DevicePlugin;
import dev.monoceros.machine.plugin.PluginException;
import dev.monoceros.machine.virtio.VirtioTransport;
import dev.monoceros.machine.virtio.VirtualTime;
import dev.monoceros.virtio.blk.BlkFeatures;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.LatencyModel;
import dev.monoceros.virtio.blk.VirtioBlock;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The device {@code virtio-blk}: a disk of the machine behind a virtio block device. Its id is the
 * disk's name; the option {@code serial} is what GET_ID answers, {@code transport} is {@code pci},
 * the default, or {@code mmio}, and the others are those of {@link BlkSettings}.
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
    requireKnown(config);
    VirtioTransport transport = VirtioTransport.of(config);
    Disk disk = context.service(Disks.class).disk(config.id());
    BlkOptions options = options(config);
    requireErasable(config, disk, options);
    VirtioBlock device =
        new VirtioBlock(disk, options, LatencyModel.DEFAULT, new VirtualTime(context.events()));
    context.service(BlockDevices.class).report(config.id(), device::counts);
    transport.plugIn(context, NAME + " " + config.id(), device);
  }

  private static void requireKnown(DeviceConfig config) throws PluginException {
    Set<String> known = new TreeSet<>(BlkSettings.all().keySet());
    known.addAll(Set.of(SERIAL, VirtioTransport.OPTION));
    config.requireKnown(known);
  }

  private static BlkOptions options(DeviceConfig config) throws PluginException {
    Map<String, String> settings = new TreeMap<>(config.options());
    settings.remove(VirtioTransport.OPTION);
    String serial = settings.remove(SERIAL);
    try {
      BlkOptions options = BlkSettings.options(settings);
      return serial == null ? options : options.withSerial(serial);
    } catch (IllegalArgumentException e) {
      throw new PluginException(config.id() + ": " + e.getMessage(), e);
    }
  }

  /** Who asks for secure erasure must not get less. */
  private static void requireErasable(DeviceConfig config, Disk disk, BlkOptions options)
      throws PluginException {
    boolean wanted = (options.shownFeatures() & BlkFeatures.SECURE_ERASE) != 0;
    if (wanted && (disk.readOnly() || !disk.erasesSecurely())) {
      throw new PluginException(
          config.id() + ": secure-erase=on needs a writable raw disk that is overwritten in place");
    }
  }
}
