package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.qcow.Snapshot;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;

/** The table of internal snapshots. */
final class SnapshotText {
  private static final int ID = 9;
  private static final int NAME = 16;
  private static final int SIZE = 8;
  private static final int DATE = 20;
  private static final int CLOCK = 13;
  private static final int COUNT = 11;
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MILLIS = 1000;

  private SnapshotText() {}

  static void append(StringBuilder text, List<Snapshot> snapshots) {
    text.append("Snapshot list:\n");
    row(text, "ID", "TAG", "VM SIZE", "DATE", "VM CLOCK", "ICOUNT");
    for (Snapshot s : snapshots) {
      row(
          text,
          s.id(),
          s.name(),
          ByteCount.toText(s.vmStateSize()),
          date(s.seconds()),
          clock(s.vmClockNanos()),
          s.instructionCount() == -1 ? "" : Long.toString(s.instructionCount()));
    }
  }

  private static void row(
      StringBuilder text,
      String id,
      String name,
      String size,
      String date,
      String clock,
      String n) {
    left(text, id, ID);
    text.append(' ');
    left(text, name, NAME);
    text.append(' ');
    right(text, size, SIZE);
    right(text, date, DATE);
    right(text, clock, CLOCK);
    right(text, n, COUNT);
    text.append('\n');
  }

  private static void left(StringBuilder text, String value, int width) {
    text.append(value).repeat(' ', Math.max(0, width - value.length()));
  }

  private static void right(StringBuilder text, String value, int width) {
    text.repeat(' ', Math.max(0, width - value.length())).append(value);
  }

  /** In the time zone of the host. */
  private static String date(long seconds) {
    ZonedDateTime at = Instant.ofEpochSecond(seconds).atZone(ZoneId.systemDefault());
    StringBuilder text = new StringBuilder();
    digits(text, at.getYear(), 4).append('-');
    digits(text, at.getMonthValue(), 2).append('-');
    digits(text, at.getDayOfMonth(), 2).append(' ');
    digits(text, at.getHour(), 2).append(':');
    digits(text, at.getMinute(), 2).append(':');
    return digits(text, at.getSecond(), 2).toString();
  }

  private static String clock(long nanos) {
    long millis = nanos / NANOS_PER_MILLI;
    long seconds = millis / MILLIS;
    StringBuilder text = new StringBuilder();
    digits(text, seconds / 3600, 2).append(':');
    digits(text, seconds / 60 % 60, 2).append(':');
    digits(text, seconds % 60, 2).append('.');
    return digits(text, millis % MILLIS, 3).toString();
  }

  private static StringBuilder digits(StringBuilder text, long value, int width) {
    String number = Long.toString(value);
    return text.repeat('0', Math.max(0, width - number.length())).append(number);
  }
}
