package dev.monoceros.machine.virtio;

import dev.monoceros.machine.plugin.DeviceConfig;
import dev.monoceros.machine.plugin.DeviceContext;
import dev.monoceros.machine.plugin.DevicePlugin;
import dev.monoceros.machine.plugin.PluginException;
import dev.monoceros.virtio.rng.RngBackend;
import dev.monoceros.virtio.rng.VirtioRng;
import java.util.Collections;

/**
 * The device {@code virtio-rng}: the machine's stream of random bytes behind a virtio entropy
 * device. The option {@code transport} is {@code pci}, the default, or {@code mmio}.
 */
public final class VirtioRngPlugin implements DevicePlugin {
  /** The name of this kind of device. */
  public static final String NAME = "virtio-rng";

  /** For the service loader. */
  public VirtioRngPlugin() {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public void attach(DeviceContext context, DeviceConfig config) throws PluginException {
    config.requireKnown(Collections.singleton(VirtioTransport.OPTION));
    VirtioTransport transport = VirtioTransport.of(config);
    RngBackend stream = context.service(RngBackend.class);
    VirtioRng device = new VirtioRng(stream, new VirtualTime(context.events()));
    transport.plugIn(context, NAME + " " + config.id(), device);
  }
}
