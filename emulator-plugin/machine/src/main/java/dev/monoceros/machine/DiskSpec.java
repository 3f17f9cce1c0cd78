package dev.monoceros.machine;

import dev.monoceros.machine.block.BlkSettings;
import dev.monoceros.machine.block.Disk;
import dev.monoceros.machine.block.FaultPlan;
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
 * @param medium where its data is
 * @param format an image's format, or empty to find out
 * @param readOnly whether the guest may not write
 * @param snapshot whether writes are kept in memory and gone at the end
 * @param serial what the guest sees as its serial number, at most 20 printable ASCII characters
 * @param l2CacheBytes memory for L2 tables, or empty for the library's default
 * @param anyBacking whether backing and data files may be anywhere and of any format; false for
 *     those in the image's own directory, with their format stated
 * @param transport how the guest reaches it
 * @param latency how long its requests take in virtual time
 * @param faults what is to go wrong with it
 * @param settings what else the device is asked to be: values by the names of {@link BlkSettings}
 */
public record DiskSpec(
    Medium medium,
    Optional<Format> format,
    boolean readOnly,
    boolean snapshot,
    Optional<String> serial,
    OptionalLong l2CacheBytes,
    boolean anyBacking,
    Transport transport,
    Latency latency,
    FaultPlan faults,
    SortedMap<String, String> settings) {

  /** Where the data of a disk is. */
  public sealed interface Medium {
    /** In an image file. */
    record ImageFile(Path file) implements Medium {
      /** Checks that nothing is missing. */
      public ImageFile {
        Objects.requireNonNull(file);
      }
    }

    /**
     * In the host's memory, zeros at first and gone at the end.
     *
     * @param bytes its size, a positive multiple of 512
     */
    record Memory(long bytes) implements Medium {
      /** Refuses another size with an {@link IllegalArgumentException}. */
      public Memory {
        if (!Disk.isSize(bytes)) {
          throw new IllegalArgumentException(Disk.SIZE_RULE);
        }
      }
    }
  }

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
    Objects.requireNonNull(medium);
    Objects.requireNonNull(faults);
    Objects.requireNonNull(format);
    Objects.requireNonNull(serial);
    Objects.requireNonNull(l2CacheBytes);
    Objects.requireNonNull(transport);
    Objects.requireNonNull(latency);
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
        new Medium.ImageFile(file),
        format,
        readOnly,
        snapshot,
        serial,
        l2CacheBytes,
        anyBacking,
        Transport.PCI,
        Latency.DEFAULT,
        FaultPlan.NONE,
        Collections.emptySortedMap());
  }

  /** The image, if it is one. */
  public Optional<Path> file() {
    return medium instanceof Medium.ImageFile(Path file) ? Optional.of(file) : Optional.empty();
  }

  /** The same disk on another transport. */
  public DiskSpec withTransport(Transport other) {
    return with(other, latency, faults, settings);
  }

  /** The same disk with another model of latency. */
  public DiskSpec withLatency(Latency other) {
    return with(transport, other, faults, settings);
  }

  /** The same disk with other faults. */
  public DiskSpec withFaults(FaultPlan other) {
    return with(transport, latency, other, settings);
  }

  /** The same disk with other settings of its device. */
  public DiskSpec withSettings(Map<String, String> other) {
    return with(transport, latency, faults, other);
  }

  private DiskSpec with(Transport via, Latency model, FaultPlan plan, Map<String, String> others) {
    return new DiskSpec(
        medium,
        format,
        readOnly,
        snapshot,
        serial,
        l2CacheBytes,
        anyBacking,
        via,
        model,
        plan,
        new TreeMap<>(others));
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

  /**
   * An empty writable disk in memory.
   *
   * @param bytes its size, a positive multiple of 512
   */
  public static DiskSpec memory(long bytes) {
    return new DiskSpec(
        new Medium.Memory(bytes),
        Optional.empty(),
        false,
        false,
        Optional.empty(),
        OptionalLong.empty(),
        false,
        Transport.PCI,
        Latency.DEFAULT,
        FaultPlan.NONE,
        Collections.emptySortedMap());
  }
}
