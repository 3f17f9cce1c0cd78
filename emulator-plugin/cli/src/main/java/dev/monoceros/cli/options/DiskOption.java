package dev.monoceros.cli.options;

import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.block.BlkSettings;
import dev.monoceros.machine.block.FaultPlan;
import dev.monoceros.machine.block.FaultRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The value of {@code -d}: a file, or {@code memory:SIZE}, and comma-separated settings. As in
 * QEMU's options, a comma in the file's name is doubled.
 */
public final class DiskOption {
  /** Virtio 1.3, 5.2.6: VIRTIO_BLK_ID_BYTES. */
  private static final int LONGEST_SERIAL = 20;

  private static final String MEMORY = "memory:";

  private static final String KNOWN =
      "there are format=qcow2|qcow|raw, ro, snapshot, serial=TEXT, l2-cache-size=BYTES,"
          + " backing=allow, transport=pci|mmio, latency=default|zero, inject=FAULT,"
          + " inject-seed=N, "
          + String.join(", ", BlkSettings.all().keySet());

  private Optional<DiskSpec.Format> format = Optional.empty();
  private boolean readOnly;
  private boolean snapshot;
  private Optional<String> serial = Optional.empty();
  private OptionalLong l2CacheBytes = OptionalLong.empty();
  private boolean anyBacking;
  private DiskSpec.Transport transport = DiskSpec.Transport.PCI;
  private DiskSpec.Latency latency = DiskSpec.Latency.DEFAULT;
  private final List<FaultRule> faults = new ArrayList<>();
  private long faultSeed;
  private final SortedMap<String, String> device = new TreeMap<>();

  private DiskOption() {}

  /**
   * Reads a disk.
   *
   * @throws OptionException saying which setting is wrong and what there is
   */
  public static DiskSpec parse(String text) {
    List<String> parts = CommaList.split(text);
    if (parts.getFirst().isEmpty()) {
      throw new OptionException("'" + text + "' names no file");
    }
    DiskOption option = new DiskOption();
    parts.subList(1, parts.size()).forEach(option::setting);
    option.checkDevice();
    return new DiskSpec(
        option.medium(parts.getFirst()),
        option.format,
        option.readOnly,
        option.snapshot,
        option.serial,
        option.l2CacheBytes,
        option.anyBacking,
        option.transport,
        option.latency,
        new FaultPlan(option.faultSeed, option.faults),
        option.device);
  }

  private DiskSpec.Medium medium(String name) {
    if (!name.startsWith(MEMORY)) {
      return new DiskSpec.Medium.ImageFile(path(name));
    }
    if (format.isPresent() || snapshot || l2CacheBytes.isPresent() || anyBacking) {
      throw new OptionException(
          "a disk in memory is no image: format, snapshot, l2-cache-size and backing are not for"
              + " it");
    }
    long bytes = ByteSize.parse(name.substring(MEMORY.length()), 1);
    try {
      return new DiskSpec.Medium.Memory(bytes);
    } catch (IllegalArgumentException e) {
      throw new OptionException(e.getMessage());
    }
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (java.nio.file.InvalidPathException e) {
      throw new OptionException("'" + name + "' is no file name");
    }
  }

  private void setting(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals);
    String value = equals < 0 ? null : text.substring(equals + 1);
    switch (name) {
      case "format" -> format = Optional.of(format(required(name, value)));
      case "serial" -> serial = Optional.of(serial(required(name, value)));
      case "l2-cache-size" -> l2CacheBytes = OptionalLong.of(cacheSize(required(name, value)));
      case "backing" -> anyBacking = backing(required(name, value));
      case "transport" -> transport = transport(required(name, value));
      case "latency" -> latency = latency(required(name, value));
      case "inject" -> faults.add(fault(required(name, value)));
      case "inject-seed" -> faultSeed = seed(required(name, value));
      case "ro" -> readOnly = flag(name, value);
      case "snapshot" -> snapshot = flag(name, value);
      default -> deviceSetting(name, value);
    }
  }

  private void deviceSetting(String spelling, String value) {
    String name =
        BlkSettings.named(spelling)
            .orElseThrow(
                () -> new OptionException("a disk has no setting '" + spelling + "': " + KNOWN));
    String text =
        switch (BlkSettings.all().get(name)) {
          case SWITCH -> flag(name, value) ? "on" : "off";
          case BYTES -> Long.toString(ByteSize.parse(required(name, value), 1));
          case NUMBER, WORD -> required(name, value);
        };
    device.put(name, text);
  }

  /** Which values are possible, and together, the device knows. */
  private void checkDevice() {
    try {
      BlkSettings.options(device);
    } catch (IllegalArgumentException e) {
      throw new OptionException(e.getMessage());
    }
  }

  private static FaultRule fault(String text) {
    try {
      return FaultRule.parse(text, TimeSpan::parseNanos);
    } catch (IllegalArgumentException e) {
      throw new OptionException("inject: " + e.getMessage());
    }
  }

  private static long seed(String text) {
    try {
      return Long.decode(text);
    } catch (NumberFormatException e) {
      throw new OptionException("inject-seed: '" + text + "' is no whole number");
    }
  }

  private static String required(String name, String value) {
    if (value == null || value.isEmpty()) {
      throw new OptionException("the disk's setting '" + name + "' needs a value");
    }
    return value;
  }

  /** QEMU's spelling of a flag: alone, or =on, or =off. */
  private static boolean flag(String name, String value) {
    return switch (value) {
      case null -> true;
      case "on" -> true;
      case "off" -> false;
      default -> throw new OptionException("'" + name + "' is on or off, not '" + value + "'");
    };
  }

  private static DiskSpec.Format format(String value) {
    for (DiskSpec.Format format : DiskSpec.Format.values()) {
      if (format.name().toLowerCase(Locale.ROOT).equals(value)) {
        return format;
      }
    }
    throw new OptionException("the format '" + value + "' is none of qcow2, qcow and raw");
  }

  private static DiskSpec.Transport transport(String value) {
    return switch (value) {
      case "pci" -> DiskSpec.Transport.PCI;
      case "mmio" -> DiskSpec.Transport.MMIO;
      default -> throw new OptionException("'transport' is pci or mmio, not '" + value + "'");
    };
  }

  private static DiskSpec.Latency latency(String value) {
    return switch (value) {
      case "default" -> DiskSpec.Latency.DEFAULT;
      case "zero" -> DiskSpec.Latency.ZERO;
      default -> throw new OptionException("'latency' is default or zero, not '" + value + "'");
    };
  }

  private static long cacheSize(String value) {
    long bytes = ByteSize.parse(value, 1);
    if (bytes == 0) {
      throw new OptionException("l2-cache-size must be more than nothing");
    }
    return bytes;
  }

  /** Backing files are followed in the image's directory; everywhere only if the user says so. */
  private static boolean backing(String value) {
    if (value.equals("allow")) {
      return true;
    }
    throw new OptionException("'backing' is allow or not given, not '" + value + "'");
  }

  private static String serial(String value) {
    boolean printable = value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    if (!printable || value.length() > LONGEST_SERIAL) {
      throw new OptionException(
          "the serial number '"
              + value
              + "' is not of at most "
              + LONGEST_SERIAL
              + " printable ASCII characters");
    }
    return value;
  }
}
