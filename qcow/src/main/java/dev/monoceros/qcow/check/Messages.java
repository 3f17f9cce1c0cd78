package dev.monoceros.qcow.check;

import java.util.ArrayList;
import java.util.List;

/** Lines of the report. A hostile image can cause any number of them; only so many are kept. */
final class Messages {
  /** Begins what QEMU reports as an error of the tool rather than as a finding. */
  static final String TOOL = "qemu-img: ";

  static final int LIMIT = 100_000;

  /** What C prints for "%#x". */
  static String alternate(long value) {
    return value == 0 ? "0" : "0x" + Long.toHexString(value);
  }

  private final List<String> lines = new ArrayList<>();
  private long dropped;

  void add(String line) {
    if (full()) {
      dropped++;
    } else {
      lines.add(line);
    }
  }

  boolean full() {
    return lines.size() >= LIMIT;
  }

  List<String> lines() {
    if (dropped == 0) {
      return lines;
    }
    List<String> all = new ArrayList<>(lines);
    all.add("... and " + dropped + " more");
    return all;
  }
}
