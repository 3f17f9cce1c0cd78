package dev.monoceros.machine.block;

import dev.monoceros.virtio.blk.BlkFeatures;
import dev.monoceros.virtio.blk.BlkOptions;
import dev.monoceros.virtio.blk.BlkTopology;
import dev.monoceros.virtio.blk.CacheMode;
import dev.monoceros.virtio.blk.IoLimits;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The settings of a virtio-blk device as names and values. Names are those of QEMU 7.2's properties
 * where it has one; a hyphen and an underscore mean the same.
 */
public final class BlkSettings {
  /** What a value looks like. */
  public enum Kind {
    /** {@code on} or {@code off}. */
    SWITCH,
    /** A whole number. */
    NUMBER,
    /** A whole number of bytes. */
    BYTES,
    /** One of some words. */
    WORD
  }

  private static final String QUEUES = "num-queues";
  private static final String QUEUE_SIZE = "queue-size";
  private static final String BLOCK_SIZE = "logical_block_size";
  private static final String PHYSICAL_BLOCK_SIZE = "physical_block_size";
  private static final String MIN_IO_SIZE = "min_io_size";
  private static final String OPT_IO_SIZE = "opt_io_size";
  private static final String SIZE_MAX = "size-max";
  private static final String CACHE = "cache";
  private static final String IOPS_TOTAL = "throttling.iops-total";
  private static final String IOPS_READ = "throttling.iops-read";
  private static final String IOPS_WRITE = "throttling.iops-write";
  private static final String BPS_TOTAL = "throttling.bps-total";
  private static final String BPS_READ = "throttling.bps-read";
  private static final String BPS_WRITE = "throttling.bps-write";

  private static final String SHORT_BLOCK_SIZE = "block-size";
  private static final SortedMap<String, Kind> KINDS = kinds();
  private static final Map<String, String> SPELLINGS = spellings();

  private final Map<String, String> given;

  private BlkSettings(Map<String, String> given) {
    this.given = given;
  }

  /** Every setting by its name. */
  public static SortedMap<String, Kind> all() {
    return KINDS;
  }

  /**
   * The setting that is meant.
   *
   * @param spelling its name with hyphens or underscores; {@code block-size} is short for {@code
   *     logical_block_size}
   */
  public static Optional<String> named(String spelling) {
    return Optional.ofNullable(SPELLINGS.get(hyphened(spelling)));
  }

  /**
   * What the settings make of a device; what is not set is as in {@link BlkOptions#DEFAULT}.
   *
   * @param settings values by the names of {@link #all}; sizes in bytes
   * @throws IllegalArgumentException with one sentence, if a name is unknown or a value not
   *     possible
   */
  public static BlkOptions options(Map<String, String> settings) {
    for (String name : new TreeMap<>(settings).keySet()) {
      if (!KINDS.containsKey(name)) {
        throw new IllegalArgumentException("a disk has no setting '" + name + "'");
      }
    }
    return new BlkSettings(settings).options();
  }

  private BlkOptions options() {
    BlkOptions plain = BlkOptions.DEFAULT;
    int blockSize = number(BLOCK_SIZE, plain.blockSize());
    return plain
        .withBlockSize(blockSize)
        .withQueues(number(QUEUES, plain.queues()))
        .withQueueSize(number(QUEUE_SIZE, plain.queueSize()))
        .withSizeMax(number(SIZE_MAX, plain.sizeMax()))
        .withShownFeatures(features("on"))
        .withHiddenFeatures(features("off"))
        .withTopology(topology(blockSize))
        .withCache(cache())
        .withLimits(limits());
  }

  private BlkTopology topology(int blockSize) {
    int physical = number(PHYSICAL_BLOCK_SIZE, blockSize);
    if (physical < blockSize) {
      throw new IllegalArgumentException(
          "a disk's physical block size is at least its block size of " + blockSize + " bytes");
    }
    return new BlkTopology(physical, number(MIN_IO_SIZE, 0), number(OPT_IO_SIZE, 0));
  }

  private IoLimits limits() {
    return new IoLimits(
        rate(IOPS_TOTAL),
        rate(IOPS_READ),
        rate(IOPS_WRITE),
        rate(BPS_TOTAL),
        rate(BPS_READ),
        rate(BPS_WRITE));
  }

  private CacheMode cache() {
    String value = given.getOrDefault(CACHE, word(CacheMode.WRITEBACK));
    for (CacheMode mode : CacheMode.values()) {
      if (word(mode).equals(value)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "'cache' is writeback, writethrough or unsafe, not '" + value + "'");
  }

  private static String word(CacheMode mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  /** The features that were set to {@code value}; what is neither on nor off is refused. */
  private long features(String value) {
    long mask = 0;
    for (Map.Entry<String, Long> feature : BlkFeatures.byName().entrySet()) {
      String set = given.getOrDefault(feature.getKey(), "");
      if (given.containsKey(feature.getKey()) && !List.of("on", "off").contains(set)) {
        throw new IllegalArgumentException(
            "'" + feature.getKey() + "' is on or off, not '" + set + "'");
      }
      mask |= set.equals(value) ? feature.getValue() : 0;
    }
    return mask;
  }

  private int number(String name, int plain) {
    long value = whole(name, plain);
    if (value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("'" + name + "' is at most " + Integer.MAX_VALUE);
    }
    return (int) value;
  }

  private long rate(String name) {
    return whole(name, 0);
  }

  private long whole(String name, long plain) {
    String text = given.get(name);
    if (text == null) {
      return plain;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + name + "' is a whole number, not '" + text + "'", e);
    }
    throw new IllegalArgumentException("'" + name + "' is a whole number, not '" + text + "'");
  }

  private static SortedMap<String, Kind> kinds() {
    SortedMap<String, Kind> kinds = new TreeMap<>();
    BlkFeatures.byName().keySet().forEach(name -> kinds.put(name, Kind.SWITCH));
    List.of(QUEUES, QUEUE_SIZE, IOPS_TOTAL, IOPS_READ, IOPS_WRITE)
        .forEach(name -> kinds.put(name, Kind.NUMBER));
    List.of(BLOCK_SIZE, PHYSICAL_BLOCK_SIZE, MIN_IO_SIZE, OPT_IO_SIZE, SIZE_MAX)
        .forEach(name -> kinds.put(name, Kind.BYTES));
    List.of(BPS_TOTAL, BPS_READ, BPS_WRITE).forEach(name -> kinds.put(name, Kind.BYTES));
    kinds.put(CACHE, Kind.WORD);
    return Collections.unmodifiableSortedMap(kinds);
  }

  private static Map<String, String> spellings() {
    Map<String, String> spellings = new TreeMap<>();
    KINDS.keySet().forEach(name -> spellings.put(hyphened(name), name));
    spellings.put(SHORT_BLOCK_SIZE, BLOCK_SIZE);
    return Collections.unmodifiableMap(spellings);
  }

  private static String hyphened(String name) {
    return name.replace('_', '-');
  }
}
