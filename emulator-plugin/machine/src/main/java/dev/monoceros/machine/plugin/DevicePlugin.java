package dev.monoceros.machine.plugin;

/**
 * A kind of device. Providers are found by {@link java.util.ServiceLoader}, need a public
 * no-argument constructor and hold no state: whatever belongs to one machine is made in {@link
 * #attach}.
 *
 * <p>A device runs on the machine's one vCPU thread and takes time, interrupts and memory from its
 * {@link DeviceContext} alone, so that a run depends only on its inputs.
 */
public interface DevicePlugin {
  /**
   * The kind's name, by which a configuration asks for it: "virtio-blk". Unique; lower case
   * letters, digits and hyphens.
   */
  String name();

  /**
   * Makes one device and plugs it into the machine.
   *
   * @param context the machine, as devices see it
   * @param config what this device was asked to be
   * @throws PluginException if the configuration is wrong or the host lacks something; one sentence
   *     says what
   */
  void attach(DeviceContext context, DeviceConfig config) throws PluginException;
}
