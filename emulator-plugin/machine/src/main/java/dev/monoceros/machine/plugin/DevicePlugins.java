package dev.monoceros.machine.plugin;

import java.util.Collections;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The kinds of device at hand, by name. */
public final class DevicePlugins {
  private final SortedMap<String, DevicePlugin> byName = new TreeMap<>();

  private DevicePlugins(Iterable<DevicePlugin> plugins) {
    for (DevicePlugin plugin : plugins) {
      DevicePlugin other = byName.putIfAbsent(plugin.name(), plugin);
      if (other != null) {
        throw new IllegalStateException(
            "two device plug-ins are called %s: %s and %s"
                .formatted(plugin.name(), other.getClass().getName(), plugin.getClass().getName()));
      }
    }
  }

  /** All plug-ins on the module path and class path. */
  public static DevicePlugins load() {
    return new DevicePlugins(ServiceLoader.load(DevicePlugin.class));
  }

  /** Exactly these plug-ins. */
  public static DevicePlugins of(Iterable<DevicePlugin> plugins) {
    return new DevicePlugins(plugins);
  }

  /** What kinds there are. */
  public SortedSet<String> names() {
    return Collections.unmodifiableSortedSet(new TreeSet<>(byName.keySet()));
  }

  /**
   * Makes one device.
   *
   * @throws PluginException if there is no such kind, or it refuses
   */
  public void attach(String name, DeviceContext context, DeviceConfig config)
      throws PluginException {
    DevicePlugin plugin = byName.get(name);
    if (plugin == null) {
      throw new PluginException(
          "there is no device called %s; known are %s"
              .formatted(name, String.join(", ", byName.keySet())));
    }
    plugin.attach(context, config);
  }
}
