package dev.monoceros.cli.options;

import dev.monoceros.machine.DiskSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The value of {@code -d}: a file and comma-separated settings. As in QEMU's options, a comma in
 * the file's name is doubled.
 */
public final class DiskOption {
  /** Virtio 1.3, 5.2.6: VIRTIO_BLK_ID_BYTES. */
  private static final int LONGEST_SERIAL = 20;

  private static final String KNOWN =
      "there are format=qcow2|qcow|raw, ro, snapshot, serial=TEXT, l2-cache-size=BYTES,"
          + " backing=allow, transport=pci|mmio and latency=default|zero";

  private Optional<DiskSpec.Format> format = Optional.empty();
  private boolean readOnly;
  private boolean snapshot;
  private Optional<String> serial = Optional.empty();
  private OptionalLong l2CacheBytes = OptionalLong.empty();
  private boolean anyBacking;
  private DiskSpec.Transport transport = DiskSpec.Transport.PCI;
  private DiskSpec.Latency latency = DiskSpec.Latency.DEFAULT;

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
    return new DiskSpec(
        path(parts.getFirst()),
        option.format,
        option.readOnly,
        option.snapshot,
        option.serial,
        option.l2CacheBytes,
        option.anyBacking,
        option.transport,
        option.latency);
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
      case "ro" -> readOnly = flag(name, value);
      case "snapshot" -> snapshot = flag(name, value);
      default -> throw new OptionException("a disk has no setting '" + name + "': " + KNOWN);
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
