package dev.monoceros.machine.virtio;

import dev.monoceros.machine.bus.MmioSlots;
import dev.monoceros.machine.plugin.DeviceConfig;
import dev.monoceros.machine.plugin.DeviceContext;
import dev.monoceros.machine.plugin.PluginException;
import dev.monoceros.virtio.device.VirtioDevice;
import dev.monoceros.virtio.memory.GuestMemory;

/** The ways in which a guest reaches a virtio device, and the option that chooses one. */
public enum VirtioTransport {
  /** A PCI function. */
  PCI,
  /** Memory-mapped registers, which the guest finds by the DSDT. */
  MMIO;

  /** The option's name; its values are {@code pci}, the default, and {@code mmio}. */
  public static final String OPTION = "transport";

  /** The value of {@link #MMIO}. */
  public static final String MMIO_VALUE = "mmio";

  private static final String PCI_VALUE = "pci";

  /**
   * What a device's option says.
   *
   * @throws PluginException if it is neither
   */
  public static VirtioTransport of(DeviceConfig config) throws PluginException {
    String value = config.option(OPTION).orElse(PCI_VALUE);
    return switch (value) {
      case PCI_VALUE -> PCI;
      case MMIO_VALUE -> MMIO;
      default ->
          throw new PluginException(
              "%s: option transport=%s is neither pci nor mmio".formatted(config.id(), value));
    };
  }

  /**
   * Plugs a device in: takes the next free slot of PCI bus 0, or of the memory-mapped ones.
   *
   * @param owner for messages
   */
  public void plugIn(DeviceContext context, String owner, VirtioDevice device) {
    GuestMemory memory = context.service(GuestMemory.class);
    switch (this) {
      case PCI -> context.pci().add(VirtioFunction.build(owner, device, memory));
      case MMIO -> VirtioWindow.attach(owner, device, memory, context.service(MmioSlots.class));
    }
  }
}
