package dev.monoceros.machine.plugin;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one device was asked to be.
 *
 * @param id the device's name within its machine, for messages and reports: "hd0"
 * @param options option names and values, as given
 */
public record DeviceConfig(String id, SortedMap<String, String> options) {
  /** Copies the options. */
  public DeviceConfig {
    options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
  }

  /** A configuration with {@code options} in any order. */
  public static DeviceConfig of(String id, Map<String, String> options) {
    return new DeviceConfig(id, new TreeMap<>(options));
  }

  /** An option's value, if it was given. */
  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  /**
   * A whole number.
   *
   * @throws PluginException if it is not one, or not between {@code minimum} and {@code maximum}
   */
  public long number(String name, long defaultValue, long minimum, long maximum)
      throws PluginException {
    String text = options.get(name);
    if (text == null) {
      return defaultValue;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= minimum && value <= maximum) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new PluginException("%s: option %s=%s is not a number".formatted(id, name, text), e);
    }
    throw new PluginException(
        "%s: option %s=%s is not between %d and %d".formatted(id, name, text, minimum, maximum));
  }

  /**
   * A switch: on or off.
   *
   * @throws PluginException if it is neither
   */
  public boolean isOn(String name, boolean defaultValue) throws PluginException {
    return switch (options.getOrDefault(name, defaultValue ? "on" : "off")) {
      case "on" -> true;
      case "off" -> false;
      default ->
          throw new PluginException(
              "%s: option %s=%s is neither on nor off".formatted(id, name, options.get(name)));
    };
  }

  /**
   * Refuses options that the device does not know, so that a misspelt one is never ignored.
   *
   * @throws PluginException naming the first unknown one
   */
  public void requireKnown(Set<String> known) throws PluginException {
    for (String name : options.keySet()) {
      if (!known.contains(name)) {
        throw new PluginException(
            "%s: unknown option %s; known are %s"
                .formatted(id, name, String.join(", ", new TreeSet<>(known))));
      }
    }
  }
}
