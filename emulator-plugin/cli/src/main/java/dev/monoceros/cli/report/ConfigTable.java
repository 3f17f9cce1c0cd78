package dev.monoceros.cli.report;

import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.machine.ConsoleScript;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.MachineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The configuration of a run, by the names of its options. */
public final class ConfigTable {
  private ConfigTable() {}

  /** What {@code --show-config} prints: one line a setting. */
  public static List<String> lines(BootPlan plan, Map<String, Object> more) throws IOException {
    List<String> lines = new ArrayList<>();
    values(plan, more).forEach((name, value) -> lines.add("%-14s %s".formatted(name, value)));
    return lines;
  }

  /**
   * The settings in a fixed order; a list where an option may be repeated.
   *
   * @param more those that the machine does not know
   */
  public static Map<String, Object> values(BootPlan plan, Map<String, Object> more)
      throws IOException {
    MachineConfig config = plan.config();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("kernel", plan.temporary().name(config.kernel()));
    values.put("kernel-from", plan.kernelOrigin());
    values.put("kernel-sha256", InputFile.of("kernel", config.kernel()).sha256());
    values.put("boot", config.boot().name().toLowerCase(Locale.ROOT));
    values.put("initrd", config.initrds().stream().map(plan.temporary()::name).toList());
    values.put("initramfs", plan.initramfsOrigin());
    values.put("command-line", config.commandLine());
    values.put("memory", (config.memoryBytes() >> 20) + " MiB");
    values.put("disks", config.disks().stream().map(disk -> disk(plan, disk)).toList());
    values.put("rtc", config.rtc().toString());
    values.put("seed", config.seed());
    values.put("rng", config.rng().map(t -> t.name().toLowerCase(Locale.ROOT)).orElse("none"));
    values.put("rdrand", config.rdrand() ? "yes" : "no");
    values.put("on-reset", config.onReset().name().toLowerCase(Locale.ROOT));
    values.put("max-time", maxTime(config.maxVirtualNanos()));
    values.put("expect", config.expect().map(Object::toString).orElse("none"));
    values.put("expect-then", config.expectThen().name().toLowerCase(Locale.ROOT));
    values.put("script", config.script().map(ConfigTable::script).orElse(List.of()));
    values.put("libunicorn", plan.library().map(Path::toString).orElse("the system's"));
    values.put("debug-exit", "0x%x".formatted(config.debugExitPort()));
    values.putAll(more);
    return values;
  }

  private static String maxTime(long nanos) {
    return nanos == Long.MAX_VALUE ? "none" : Units.nanos(nanos);
  }

  private static List<String> script(ConsoleScript script) {
    return script.steps().stream().map(ConfigTable::step).toList();
  }

  private static String step(ConsoleScript.Step step) {
    return switch (step) {
      case ConsoleScript.Expect expect -> "expect " + expect.pattern();
      case ConsoleScript.Timeout timeout -> "timeout " + Units.nanos(timeout.nanos());
      case ConsoleScript.Send send -> "send " + typed(send.bytes());
      case ConsoleScript.Abort abort -> "abort " + abort.pattern();
      case ConsoleScript.Break ignored -> "break";
      case ConsoleScript.PowerButton ignored -> "power-button";
      case ConsoleScript.Nmi ignored -> "nmi";
      case ConsoleScript.Resize resize -> "resize " + resize.disk() + " " + resize.bytes();
    };
  }

  private static String typed(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      boolean plain = b >= ' ' && b < 0x7f && b != '\\';
      text.append(plain ? String.valueOf((char) b) : "\\x%02x".formatted(b));
    }
    return text.toString();
  }

  private static String disk(BootPlan plan, DiskSpec disk) {
    StringBuilder text =
        new StringBuilder(
            switch (disk.medium()) {
              case DiskSpec.Medium.ImageFile(Path file) -> plan.name(file).replace(",", ",,");
              case DiskSpec.Medium.Memory(long bytes) -> "memory:" + bytes;
            });
    disk.format().ifPresent(f -> text.append(",format=").append(f.name().toLowerCase(Locale.ROOT)));
    text.append(disk.readOnly() ? ",ro" : "").append(disk.snapshot() ? ",snapshot" : "");
    disk.serial().ifPresent(serial -> text.append(",serial=").append(serial));
    disk.l2CacheBytes().ifPresent(bytes -> text.append(",l2-cache-size=").append(bytes));
    text.append(disk.anyBacking() ? ",backing=allow" : "");
    text.append(disk.transport() == DiskSpec.Transport.MMIO ? ",transport=mmio" : "");
    text.append(disk.latency() == DiskSpec.Latency.ZERO ? ",latency=zero" : "");
    disk.faults().rules().forEach(rule -> text.append(",inject=").append(rule.text()));
    text.append(disk.faults().seed() == 0 ? "" : ",inject-seed=" + disk.faults().seed());
    SortedMap<String, String> settings = new TreeMap<>(disk.settings());
    settings.putIfAbsent("cache", "writeback");
    settings.forEach((name, value) -> text.append(",%s=%s".formatted(name, value)));
    return text.toString();
  }
}
