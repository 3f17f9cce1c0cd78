package dev.monoceros.cli.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.monoceros.cli.boot.BootPlan;
import dev.monoceros.machine.CpuStats;
import dev.monoceros.machine.DiskSpec;
import dev.monoceros.machine.DiskStats;
import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.RunResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The report file of a run: JSON. Everything but {@code host} is the same for the same inputs, so
 * that reports of two runs can be compared.
 */
public final class RunReport {
  private static final int FORMAT = 1;

  private final Map<String, Object> root = new LinkedHashMap<>();

  private RunReport() {}

  /** The files a run depends on, hashed; to be called before the run changes them. */
  public static List<InputFile> inputs(BootPlan plan) throws IOException {
    MachineConfig config = plan.config();
    List<InputFile> inputs = new ArrayList<>();
    inputs.add(named("kernel", config.kernel(), plan));
    for (Path initrd : config.initrds()) {
      inputs.add(named("initrd", initrd, plan));
    }
    if (plan.library().isPresent()) {
      inputs.add(InputFile.of("libunicorn", plan.library().get()));
    }
    for (DiskSpec disk : config.disks()) {
      Optional<Path> file = disk.file().filter(f -> !plan.temporary().made(f));
      if (file.isPresent()) {
        inputs.add(InputFile.of("disk", file.get(), plan.name(file.get())));
      }
    }
    return inputs;
  }

  private static InputFile named(String role, Path file, BootPlan plan) throws IOException {
    return InputFile.of(role, file, plan.temporary().name(file));
  }

  /**
   * A report.
   *
   * @param more settings that the machine does not know
   * @param script the input, unless somebody typed
   * @param live whether somebody was at the other end of a socket
   * @param wallNanos how long the run took on the host
   * @param exitCode what the process ends with
   */
  public static RunReport of(
      BootPlan plan,
      List<InputFile> inputs,
      Map<String, Object> more,
      Optional<ScriptUse> script,
      boolean live,
      RunResult result,
      long wallNanos,
      int exitCode)
      throws IOException {
    RunReport report = new RunReport();
    report.root.put("format", FORMAT);
    report.root.put("verdict", result.verdict().name());
    report.root.put("detail", result.detail());
    report.root.put("exitCode", exitCode);
    result.debugExit().ifPresent(value -> report.root.put("debugExit", value));
    report.root.put("repeatable", result.deterministic() && script.isPresent() && !live);
    report.root.put("interactive", script.isEmpty());
    report.root.put("libunicorn", result.library());
    report.root.put("inputs", inputs.stream().map(RunReport::input).toList());
    script.ifPresent(input -> report.root.put("stdin", stdin(input)));
    report.root.put("config", ConfigTable.values(plan, more));
    report.root.put("counters", counters(result));
    report.root.put("host", Map.of("wallNanos", wallNanos));
    return report;
  }

  /** This with one more value, or another one. */
  public RunReport with(String name, Object value) {
    root.put(name, value);
    return this;
  }

  private static Map<String, Object> stdin(ScriptUse use) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("bytes", use.bytes());
    values.put("sha256", use.sha256());
    return values;
  }

  private static Map<String, Object> input(InputFile file) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("role", file.role());
    values.put("file", file.file());
    values.put("bytes", file.bytes());
    values.put("sha256", file.sha256());
    return values;
  }

  private static Map<String, Object> counters(RunResult result) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("virtualNanos", result.virtualNanos());
    values.put("boots", result.boots());
    values.put("consoleBytes", result.consoleBytes());
    values.put("cpu", cpu(result.cpu()));
    values.put("disks", result.disks().stream().map(RunReport::disk).toList());
    return values;
  }

  private static Map<String, Object> cpu(CpuStats cpu) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("codeBytes", cpu.codeBytes());
    values.put("interrupts", cpu.interrupts());
    values.put("exceptions", cpu.exceptions());
    values.put("pageFaults", cpu.pageFaults());
    values.put("systemCalls", cpu.systemCalls());
    values.put("halts", cpu.halts());
    values.put("tlbFills", cpu.tlbFills());
    values.put("tlbFlushes", cpu.tlbFlushes());
    values.put("codeDrops", cpu.codeDrops());
    values.put("unclaimedReads", cpu.unclaimedReads());
    values.put("unclaimedWrites", cpu.unclaimedWrites());
    return values;
  }

  private static Map<String, Object> disk(DiskStats disk) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", disk.name());
    values.put("reads", disk.reads());
    values.put("writes", disk.writes());
    values.put("flushes", disk.flushes());
    values.put("otherRequests", disk.otherRequests());
    values.put("failed", disk.failed());
    values.put("bytesRead", disk.bytesRead());
    values.put("bytesWritten", disk.bytesWritten());
    values.put("l2Hits", disk.l2Hits());
    values.put("l2Misses", disk.l2Misses());
    values.put("l2Evictions", disk.l2Evictions());
    values.put("l2WriteBacks", disk.l2WriteBacks());
    return values;
  }

  /** Writes the report. */
  public void write(Path file) throws IOException {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    String text = mapper.writeValueAsString(root) + "\n";
    Files.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
