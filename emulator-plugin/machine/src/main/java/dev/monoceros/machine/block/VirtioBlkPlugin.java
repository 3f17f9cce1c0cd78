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
 * the default, or {@code mmio}, {@code latency} is {@code default} or {@code zero}, and the others
 * are those of {@link BlkSettings}.
 */
public final class VirtioBlkPlugin implements DevicePlugin {
  /** The name of this kind of device. */
  public static final String NAME = "virtio-blk";

  /** The option that names the model of latency. */
  public static final String LATENCY = "latency";

  /** The value of {@link #LATENCY} for {@link LatencyModel#ZERO}. */
  public static final String ZERO_LATENCY = "zero";

  private static final String DEFAULT_LATENCY = "default";
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
        new VirtioBlock(disk, options, latency(config), new VirtualTime(context.events()));
    context
        .service(BlockDevices.class)
        .register(config.id(), device::counts, device::capacityChanged);
    transport.plugIn(context, NAME + " " + config.id(), device);
  }

  private static LatencyModel latency(DeviceConfig config) throws PluginException {
    String value = config.option(LATENCY).orElse(DEFAULT_LATENCY);
    return switch (value) {
      case DEFAULT_LATENCY -> LatencyModel.DEFAULT;
      case ZERO_LATENCY -> LatencyModel.ZERO;
      default ->
          throw new PluginException(
              "%s: option latency=%s is neither default nor zero".formatted(config.id(), value));
    };
  }

  private static void requireKnown(DeviceConfig config) throws PluginException {
    Set<String> known = new TreeSet<>(BlkSettings.all().keySet());
    known.addAll(Set.of(SERIAL, VirtioTransport.OPTION, LATENCY));
    config.requireKnown(known);
  }

  private static BlkOptions options(DeviceConfig config) throws PluginException {
    Map<String, String> settings = new TreeMap<>(config.options());
    settings.remove(VirtioTransport.OPTION);
    settings.remove(LATENCY);
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
