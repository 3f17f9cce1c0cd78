package dev.monoceros.cli.report;

import dev.monoceros.machine.CpuStats;
import dev.monoceros.machine.DiskStats;
import dev.monoceros.machine.RunResult;
import java.util.ArrayList;
import java.util.List;

/** The table at the end of a run. */
public final class Summary {
  private static final String GREEN = "\u001b[1;32m";
  private static final String RED = "\u001b[1;31m";
  private static final String PLAIN = "\u001b[0m";

  private record Row(String name, String value) {}

  private final List<Row> rows = new ArrayList<>();
  private final RunResult result;

  private Summary(RunResult result) {
    this.result = result;
  }

  /**
   * The table's lines.
   *
   * @param wallNanos how long the run took on the host
   * @param living what the run depended on that does not repeat, such as somebody who types; empty
   *     if nothing
   * @param colour whether the reader is a terminal
   */
  public static List<String> lines(
      RunResult result, long wallNanos, String living, boolean colour) {
    Summary summary = new Summary(result);
    summary.run(wallNanos, living);
    summary.cpu(result.cpu());
    result.disks().forEach(summary::disk);
    return summary.format(colour);
  }

  private void run(long wallNanos, String living) {
    row("virtual time", Units.nanos(result.virtualNanos()));
    row("wall time", Units.nanos(wallNanos));
    if (result.boots() > 1) {
      row("boots", Units.count(result.boots()));
    }
    row("repeatable", repeatable(living));
  }

  private String repeatable(String living) {
    if (!living.isEmpty()) {
      return "not repeatable (" + living + ")";
    }
    return result.deterministic() ? "yes" : "no (libunicorn " + result.library() + ")";
  }

  private void cpu(CpuStats cpu) {
    row("code executed", Units.count(cpu.codeBytes()) + " bytes");
    row("interrupts", Units.count(cpu.interrupts()));
    row("page faults", Units.count(cpu.pageFaults()));
    row("TLB fills", Units.count(cpu.tlbFills()));
  }

  private void disk(DiskStats disk) {
    row(
        disk.name() + " requests",
        "%s read, %s write, %s flush, %s other"
            .formatted(
                Units.count(disk.reads()),
                Units.count(disk.writes()),
                Units.count(disk.flushes()),
                Units.count(disk.otherRequests())));
    if (disk.failed() > 0) {
      row(disk.name() + " failed", Units.count(disk.failed()) + " requests");
    }
    row(
        disk.name() + " bytes",
        Units.bytes(disk.bytesRead()) + " read, " + Units.bytes(disk.bytesWritten()) + " written");
    row(
        disk.name() + " L2 cache",
        "%s hits, %s misses, %s evictions, %s write-backs"
            .formatted(
                Units.count(disk.l2Hits()),
                Units.count(disk.l2Misses()),
                Units.count(disk.l2Evictions()),
                Units.count(disk.l2WriteBacks())));
  }

  private void row(String name, String value) {
    rows.add(new Row(name, value));
  }

  private List<String> format(boolean colour) {
    int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    lines.add("monoceros: " + verdict(colour) + ": " + result.detail());
    for (Row row : rows) {
      lines.add("  " + row.name() + " ".repeat(width - row.name().length() + 2) + row.value());
    }
    return lines;
  }

  private String verdict(boolean colour) {
    String name = result.verdict().name();
    if (!colour) {
      return name;
    }
    return (name.equals("PASS") ? GREEN : RED) + name + PLAIN;
  }
}
