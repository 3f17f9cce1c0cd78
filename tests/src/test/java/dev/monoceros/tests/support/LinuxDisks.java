package dev.monoceros.tests.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Disks with one feature each on or off, and scripts that look at them and use them under Linux.
 */
public final class LinuxDisks {
  /** Prints what the driver negotiated and what the block layer made of it. */
  public static final String LOOK = text("look.sh");

  /** Writes, flushes, discards and zeroes on every disk and looks whether it reads right. */
  public static final String USE = text("use.sh");

  /** Takes the driver away in the middle of writes and gives it back, {@code TIMES} times. */
  public static final String UNBIND = text("unbind.sh");

  /** Jobs of fio side by side, each verifying {@code SIZE}. */
  public static final String FIO = text("fio.sh");

  /** A file system mounted with discard, filled, emptied, trimmed. */
  public static final String EXT4 = text("ext4.sh");

  /**
   * What need not be as in QEMU: features, which are checked bit by bit, and the limits of discards
   * and zeroes, which are each device's own.
   */
  public static final Set<String> OURS_ALONE =
      Set.of(
          "features",
          "discard_granularity",
          "discard_max_bytes",
          "discard_max_hw_bytes",
          "max_discard_segments",
          "write_zeroes_max_bytes");

  private static final Pattern LINE = Pattern.compile("(?m)^SEEN (vd.) (\\S+) (.*?)\r?$");
  private static final Pattern DATA =
      Pattern.compile("\"length\": (\\d+),[^}]*\"zero\": false, \"data\": true");

  private LinuxDisks() {}

  /**
   * A kind of disk.
   *
   * @param ours settings by our names
   * @param theirs options of QEMU's virtio-blk-pci that say the same, where there are such
   * @param expected what Linux must see, by name
   * @param bits features that must be negotiated, and as negative numbers minus 1 those that must
   *     not
   */
  public record Case(
      Map<String, String> ours,
      Optional<String> theirs,
      Map<String, String> expected,
      List<Integer> bits) {}

  // Virtio 1.3, 5.2.3 and 6.
  private static final int SIZE_MAX = 1;
  private static final int SEG_MAX = 2;
  private static final int BLK_SIZE = 6;
  private static final int FLUSH = 9;
  private static final int TOPOLOGY = 10;
  private static final int CONFIG_WCE = 11;
  private static final int MQ = 12;
  private static final int DISCARD = 13;
  private static final int WRITE_ZEROES = 14;
  private static final int SECURE_ERASE = 16;
  private static final int INDIRECT_DESC = 28;
  private static final int EVENT_IDX = 29;
  private static final int VERSION_1 = 32;
  private static final int RING_PACKED = 34;

  /** Without a feature. */
  private static int no(int bit) {
    return -1 - bit;
  }

  /** One disk a case; the first has the defaults. */
  public static List<Case> cases() {
    return List.of(
        of(
            "",
            "",
            "write_cache=write back,cache_type=write back,ro=0,queues=1",
            SEG_MAX,
            BLK_SIZE,
            FLUSH,
            TOPOLOGY,
            CONFIG_WCE,
            DISCARD,
            WRITE_ZEROES,
            INDIRECT_DESC,
            EVENT_IDX,
            VERSION_1,
            no(SIZE_MAX),
            no(MQ),
            no(SECURE_ERASE),
            no(RING_PACKED)),
        of("discard=off", "discard=off", "discard_max_bytes=0", no(DISCARD), WRITE_ZEROES),
        of(
            "write-zeroes=off",
            "write-zeroes=off",
            "write_zeroes_max_bytes=0",
            no(WRITE_ZEROES),
            DISCARD),
        of("event_idx=off", "event_idx=off", "", no(EVENT_IDX), INDIRECT_DESC),
        of("indirect_desc=off", "indirect_desc=off", "", no(INDIRECT_DESC), EVENT_IDX),
        of("packed=on", "packed=on", "", RING_PACKED, EVENT_IDX),
        of(
            "packed=on,event_idx=off,indirect_desc=off",
            "packed=on,event_idx=off,indirect_desc=off",
            "",
            RING_PACKED,
            no(EVENT_IDX),
            no(INDIRECT_DESC)),
        of(
            "logical_block_size=4096",
            "logical_block_size=4096,physical_block_size=4096",
            "logical_block_size=4096,physical_block_size=4096",
            BLK_SIZE),
        of(
            "physical_block_size=4096",
            "physical_block_size=4096",
            "logical_block_size=512,physical_block_size=4096,minimum_io_size=4096",
            TOPOLOGY),
        of(
            "min_io_size=8192,opt_io_size=65536",
            "min_io_size=8192,opt_io_size=65536",
            "minimum_io_size=8192,optimal_io_size=65536",
            TOPOLOGY),
        of("queue-size=64", "queue-size=64", "max_segments=62", SEG_MAX),
        of(
            "cache=writethrough",
            "write-cache=off",
            "write_cache=write through,cache_type=write through",
            FLUSH,
            CONFIG_WCE),
        of("config-wce=off", "config-wce=off", "write_cache=write back", no(CONFIG_WCE), FLUSH),
        of("num-queues=4", "num-queues=4", "queues=1", MQ),
        of("num-queues=4,mq=off", null, "queues=1", no(MQ)),
        of("flush=off", null, "write_cache=write through", no(FLUSH), no(CONFIG_WCE)),
        of("topology=off", null, "minimum_io_size=512,optimal_io_size=0", no(TOPOLOGY)),
        of("blk-size=off,topology=off", null, "logical_block_size=512", no(BLK_SIZE)),
        of("seg-max=off", null, "max_segments=1", no(SEG_MAX)),
        of("size-max=8192", null, "max_segment_size=8192", SIZE_MAX),
        of("in_order=on,notification_data=on,queue_reset=off", null, "", VERSION_1));
  }

  /** Settings that change rings. */
  public static List<Map<String, String>> rings() {
    return List.of(
        pairs(""),
        pairs("packed=on"),
        pairs("event_idx=off"),
        pairs("indirect_desc=off,queue-size=16"),
        pairs("packed=on,event_idx=off,indirect_desc=off,queue-size=16"));
  }

  private static Case of(String ours, String theirs, String expected, Integer... bits) {
    return new Case(pairs(ours), Optional.ofNullable(theirs), pairs(expected), Arrays.asList(bits));
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String pair : text.isEmpty() ? new String[0] : text.split(",")) {
      int equals = pair.indexOf('=');
      pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return pairs;
  }

  /** The guest's name of a disk by its number. */
  public static String name(int index) {
    return "vd" + (char) ('a' + index);
  }

  /** What {@link #LOOK} printed: values by name by disk. */
  public static Map<String, Map<String, String>> seen(String console) {
    Map<String, Map<String, String>> seen = new TreeMap<>();
    Matcher lines = LINE.matcher(console);
    while (lines.find()) {
      seen.computeIfAbsent(lines.group(1), name -> new TreeMap<>())
          .put(lines.group(2), lines.group(3));
    }
    return seen;
  }

  /** Fails unless the negotiated features are as the case says. */
  public static void requireBits(Case one, String features) {
    for (int bit : one.bits()) {
      boolean wanted = bit >= 0;
      int number = wanted ? bit : -1 - bit;
      assertThat(features.charAt(number))
          .as("%s: feature %d of %s", one.ours(), number, features)
          .isEqualTo(wanted ? '1' : '0');
    }
  }

  /** Bytes of an image that hold data, of {@code qemu-img map --output=json}. */
  public static long allocated(String map) {
    return DATA.matcher(map).results().mapToLong(found -> Long.parseLong(found.group(1))).sum();
  }

  /** What {@link #LOOK} prints of the same disks in QEMU. */
  public static String underQemu(List<Case> cases, Path directory, long diskBytes)
      throws IOException, InterruptedException {
    ToolsGuest guest = ToolsGuest.of(Guests.kernel(), directory, LOOK, "virtio_pci", "virtio_blk");
    List<String> options =
        new ArrayList<>(List.of("-m", Long.toString(ToolsGuest.MEMORY_MIB), "-cpu", "Nehalem"));
    options.addAll(List.of("-kernel", guest.kernel().vmlinuz().toString()));
    options.addAll(List.of("-initrd", guest.joined(directory.resolve("joined.cpio")).toString()));
    options.addAll(List.of("-append", "console=ttyS0 panic=-1"));
    for (int i = 0; i < cases.size(); i++) {
      Path image = Images.qcow2(directory.resolve("theirs" + i + ".qcow2"), diskBytes);
      String more = cases.get(i).theirs().orElseThrow();
      options.addAll(
          List.of("-drive", "if=none,id=d" + i + ",discard=unmap,format=qcow2,file=" + image));
      options.addAll(
          List.of(
              "-device",
              "virtio-blk-pci,disable-legacy=on,drive=d" + i + (more.isEmpty() ? "" : "," + more)));
    }
    return QemuGuest.run("q35", options);
  }

  private static String text(String name) {
    try {
      return Files.readString(
          Path.of(LinuxDisks.class.getResource("/linux-block/" + name).toURI()));
    } catch (IOException | java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
