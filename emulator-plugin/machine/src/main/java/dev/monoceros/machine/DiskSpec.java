package dev.monoceros.machine;

import dev.monoceros.machine.block.BlkSettings;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A disk to attach.
 *
 * @param file the image
 * @param format its format, or empty to find out
 * @param readOnly whether the guest may not write
 * @param snapshot whether writes are kept in memory and gone at the end
 * @param serial what the guest sees as its serial number, at most 20 printable ASCII characters
 * @param l2CacheBytes memory for L2 tables, or empty for the library's default
 * @param anyBacking whether backing and data files may be anywhere and of any format; false for
 *     those in the image's own directory, with their format stated
 * @param transport how the guest reaches it
 * @param settings what else the device is asked to be: values by the names of {@link BlkSettings}
 */
public record DiskSpec(
    Path file,
    Optional<Format> format,
    boolean readOnly,
    boolean snapshot,
    Optional<String> serial,
    OptionalLong l2CacheBytes,
    boolean anyBacking,
    Transport transport,
    SortedMap<String, String> settings) {

  /** Transports of virtio. */
  public enum Transport {
    /** A PCI function. */
    PCI,
    /** A window of memory-mapped registers. */
    MMIO
  }

  /** Formats that can be named. */
  public enum Format {
    QCOW2,
    QCOW,
    RAW
  }

  /** Checks that nothing is missing. */
  public DiskSpec {
    Objects.requireNonNull(file);
    Objects.requireNonNull(format);
    Objects.requireNonNull(serial);
    Objects.requireNonNull(l2CacheBytes);
    Objects.requireNonNull(transport);
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
  }

  /** A disk on PCI. */
  public DiskSpec(
      Path file,
      Optional<Format> format,
      boolean readOnly,
      boolean snapshot,
      Optional<String> serial,
      OptionalLong l2CacheBytes,
      boolean anyBacking) {
    this(
        file,
        format,
        readOnly,
        snapshot,
        serial,
        l2CacheBytes,
        anyBacking,
        Transport.PCI,
        Collections.emptySortedMap());
  }

  /** The same disk on another transport. */
  public DiskSpec withTransport(Transport transport) {
    return new DiskSpec(
        file, format, readOnly, snapshot, serial, l2CacheBytes, anyBacking, transport, settings);
  }

  /** The same disk with other settings of its device. */
  public DiskSpec withSettings(Map<String, String> settings) {
    return new DiskSpec(
        file,
        format,
        readOnly,
        snapshot,
        serial,
        l2CacheBytes,
        anyBacking,
        transport,
        new TreeMap<>(settings));
  }

  /** A disk whose backing files, if any, are in the image's own directory. */
  public DiskSpec(
      Path file,
      Optional<Format> format,
      boolean readOnly,
      boolean snapshot,
      Optional<String> serial,
      OptionalLong l2CacheBytes) {
    this(file, format, readOnly, snapshot, serial, l2CacheBytes, false);
  }

  /** A writable image whose format is found out. */
  public static DiskSpec of(Path file) {
    return new DiskSpec(
        file, Optional.empty(), false, false, Optional.empty(), OptionalLong.empty());
  }
}
