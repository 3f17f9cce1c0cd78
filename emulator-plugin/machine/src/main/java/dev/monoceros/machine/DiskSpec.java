package dev.monoceros.machine;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

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
 * @param latency how long its requests take in virtual time
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
    Latency latency) {

  /** Transports of virtio. */
  public enum Transport {
    /** A PCI function. */
    PCI,
    /** A window of memory-mapped registers. */
    MMIO
  }

  /** Models of how long a request takes in virtual time. */
  public enum Latency {
    /** A fast solid-state disk: 10 us for a read or a write, 50 us for a flush, 4 GB/s. */
    DEFAULT,
    /** Every request completes at the virtual time at which the guest asked for it. */
    ZERO
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
    Objects.requireNonNull(latency);
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
        Latency.DEFAULT);
  }

  /** The same disk on another transport. */
  public DiskSpec withTransport(Transport transport) {
    return new DiskSpec(
        file, format, readOnly, snapshot, serial, l2CacheBytes, anyBacking, transport, latency);
  }

  /** The same disk with another model of latency. */
  public DiskSpec withLatency(Latency latency) {
    return new DiskSpec(
        file, format, readOnly, snapshot, serial, l2CacheBytes, anyBacking, transport, latency);
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
