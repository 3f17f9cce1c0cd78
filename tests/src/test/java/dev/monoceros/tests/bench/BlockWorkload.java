package dev.monoceros.tests.bench;

import java.util.List;

/** What the guest does to the disk {@code vda}, between markers on its console. */
final class BlockWorkload {
  /** How a marker begins; then the part's index and the end of the line. */
  static final String BEGIN = "@@BEGIN ";

  /** How a marker ends a part: the index, and the exit status of its command. */
  static final String END = "@@END ";

  /** Size of the disk in bytes. */
  static final long DISK_BYTES = 1L << 30;

  private static final String DD = "dd if=%s of=%s bs=%s count=%d %s 2> /dev/null";
  private static final String MIB = "1M";
  private static final String PAGE = "4k";
  private static final String DISK = "/dev/vda";
  private static final String READ = "iflag=direct";
  private static final String WRITE = "oflag=direct conv=notrunc";
  private static final String FIO =
      "fio --name=part --filename=/dev/vda --direct=1 --rw=%s --bs=4k --iodepth=32"
          + " --ioengine=libaio --io_size=%dm > /dev/null";

  private BlockWorkload() {}

  /**
   * One part.
   *
   * @param name how the table calls it
   * @param before what is done first, not timed
   * @param command what is timed
   */
  record Part(String name, String before, String command) {}

  /** All parts, in the order in which the script runs them. */
  static List<Part> parts() {
    String drop = "echo 3 > /proc/sys/vm/drop_caches";
    return List.of(
        new Part("dd O_DIRECT 1 MiB read", ":", twice(read(MIB, 1024, READ))),
        new Part("dd O_DIRECT 1 MiB write", ":", twice(write(MIB, 1024))),
        new Part("4 KiB QD1 read", ":", read(PAGE, 20_000, READ)),
        new Part("4 KiB QD1 write", ":", write(PAGE, 20_000)),
        new Part("buffered read", drop, read(MIB, 1024, "")),
        new Part("fio 4 KiB random read QD32", drop, FIO.formatted("randread", 160)),
        new Part("fio 4 KiB random write QD32", ":", FIO.formatted("randwrite", 160)));
  }

  private static String read(String block, int count, String flags) {
    return DD.formatted(DISK, "/dev/null", block, count, flags);
  }

  private static String write(String block, int count) {
    return DD.formatted("/dev/zero", DISK, block, count, WRITE);
  }

  private static String twice(String command) {
    return command + " && " + command;
  }

  /** The script that runs them all. */
  static String script() {
    StringBuilder script = new StringBuilder();
    List<Part> parts = parts();
    for (int i = 0; i < parts.size(); i++) {
      script
          .append(parts.get(i).before())
          .append("\necho \"" + BEGIN + i + "\"\n")
          .append(parts.get(i).command())
          .append("\necho \"" + END + i + " $?\"\n");
    }
    return script.toString();
  }
}
