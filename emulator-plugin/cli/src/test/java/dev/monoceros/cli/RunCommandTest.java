package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs of programs of a few instructions: verdicts, exit codes, input, report. */
@ExtendWith(LibraryRequired.class)
@Timeout(120)
class RunCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path temporary;

  private String kernel(BareKernel program) throws IOException {
    return program.write(temporary);
  }

  @Test
  void theGuestsBytesGoToStandardOutputAndOurWordsToStandardError() throws IOException {
    CommandLineRun run =
        CommandLineRun.of("run", "-k", kernel(new BareKernel().print("hello\r\n").debugExit(7)));

    assertThat(run.code()).isEqualTo(16 + 7);
    assertThat(run.out()).isEqualTo("hello\r\n");
    assertThat(run.err())
        .startsWith("monoceros: DEBUG_EXIT: the guest wrote 7 to the debug-exit port\n")
        .contains("  virtual time  ", "  code executed  ", "  TLB fills  ");
  }

  @Test
  void aHangEndsWith1() throws IOException {
    CommandLineRun run = CommandLineRun.of("run", "-k", kernel(new BareKernel().hang()));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("monoceros: HANG: ");
  }

  @Test
  void aTripleFaultEndsWith1() throws IOException {
    CommandLineRun run = CommandLineRun.of("run", "-k", kernel(new BareKernel().tripleFault()));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("monoceros: TRIPLE_FAULT: ");
  }

  @Test
  void aPanicIsTakenFromALineInTheKernelsOwnFormatOnly() throws IOException {
    String line = "Kernel panic - not syncing: a test\n";

    assertThat(CommandLineRun.of("run", "-k", kernel(new BareKernel().print(line).debugExit(0))))
        .returns(16, CommandLineRun::code);
    assertThat(
            CommandLineRun.of(
                "run", "-k", kernel(new BareKernel().print("[    1.234567] " + line).debugExit(0))))
        .returns(1, CommandLineRun::code)
        .satisfies(run -> assertThat(run.err()).contains("PANIC").contains("a test"));
  }

  @Test
  void theMarkerEndsTheRunWith0AndItsAbsenceWith1() throws IOException {
    String kernel = kernel(new BareKernel().print("all is WELL 42\n").debugExit(9));

    assertThat(CommandLineRun.of("run", "-k", kernel, "--expect", "is WELL [0-9]").code()).isZero();
    assertThat(
            CommandLineRun.of("run", "-k", kernel, "--expect", "WELL", "--expect-then", "continue")
                .code())
        .isEqualTo(16 + 9);
    CommandLineRun without =
        CommandLineRun.of("run", "-k", kernel(new BareKernel().hang()), "--expect", "WELL");
    assertThat(without.code()).isEqualTo(1);
  }

  @Test
  void aLimitOfVirtualTimeEndsWith3AtExactlyThatTime() throws IOException {
    CommandLineRun run =
        CommandLineRun.of("run", "-k", kernel(new BareKernel().spin()), "--max-time", "12345us");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err())
        .startsWith("monoceros: TIMEOUT: the limit of virtual time was reached")
        .contains("virtual time   12.345 ms");
  }

  @Test
  void aLimitOfTheHostsTimeEndsWith3() throws IOException {
    CommandLineRun run =
        CommandLineRun.of("run", "-k", kernel(new BareKernel().spin()), "--timeout", "0.5");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).startsWith("monoceros: TIMEOUT: the limit of the host's time");
  }

  @Test
  void standardInputIsAScriptThatTheGuestTakesByteByByte() throws IOException {
    String kernel = kernel(new BareKernel().echoUntilQ().debugExit(0));

    CommandLineRun run = CommandLineRun.withInput("one two\nq and more", "run", "-k", kernel);

    assertThat(run.code()).isEqualTo(16);
    assertThat(run.out()).isEqualTo("one two\nq");
  }

  @Test
  void theEndOfStandardInputEndsNothing() throws IOException {
    String kernel = kernel(new BareKernel().echoUntilQ().debugExit(0));

    CommandLineRun run = CommandLineRun.withInput("ab", "run", "-k", kernel, "--max-time", "50ms");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.out()).isEqualTo("ab");
  }

  @Test
  void theReportTellsInputsConfigurationAndCountersAndIsTheSameEveryTime() throws IOException {
    String kernel = kernel(new BareKernel().echoUntilQ().debugExit(3));
    Path disk = temporary.resolve("disk.raw");
    Files.write(disk, new byte[1 << 16]);
    Path initrd = Files.writeString(temporary.resolve("initrd"), "abc");
    String[] command = {
      "run",
      "-k",
      kernel,
      "-i",
      initrd.toString(),
      "-d",
      disk + ",format=raw,ro",
      "-p",
      "quiet",
      "--report",
      ""
    };

    JsonNode first = report(command, "one.json");
    JsonNode second = report(command, "two.json");

    assertThat(first.at("/verdict").asText()).isEqualTo("DEBUG_EXIT");
    assertThat(first.at("/exitCode").asInt()).isEqualTo(19);
    assertThat(first.at("/inputs/1/role").asText()).isEqualTo("initrd");
    // FIPS 180-2, B.1
    assertThat(first.at("/inputs/1/sha256").asText())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(first.at("/stdin/bytes").asInt()).isEqualTo(4);
    assertThat(first.at("/config/command-line").asText())
        .isEqualTo("console=ttyS0 panic=-1 root=/dev/vda quiet");
    assertThat(first.at("/counters/virtualNanos").asLong()).isPositive();
    assertThat(first.at("/host/wallNanos").asLong()).isPositive();
    ((ObjectNode) first).remove("host");
    ((ObjectNode) second).remove("host");
    assertThat(first).isEqualTo(second);
  }

  private JsonNode report(String[] command, String name) throws IOException {
    command[command.length - 1] = temporary.resolve(name).toString();
    assertThat(CommandLineRun.withInput("abcq", command).code()).isEqualTo(19);
    return JSON.readTree(temporary.resolve(name).toFile());
  }

  @Test
  void tooLittleMemoryIsAUsageErrorAndAMissingDiskAnImageError() throws IOException {
    String kernel = kernel(new BareKernel().hang());
    Path missing = temporary.resolve("missing.qcow2");

    CommandLineRun small = CommandLineRun.of("run", "-k", kernel, "-m", "8");
    CommandLineRun gone = CommandLineRun.of("run", "-k", kernel, "-d", missing.toString());

    assertThat(small.code()).isEqualTo(2);
    assertThat(small.err()).contains("at least 64 MiB").hasLineCount(1);
    assertThat(gone.code()).isEqualTo(5);
    assertThat(gone.err()).contains(missing.toString()).hasLineCount(1);
  }

  @Test
  void aDiskThatSomebodyElseHoldsIsAnImageError() throws Exception {
    String kernel = kernel(new BareKernel().hang());
    Path disk = temporary.resolve("held.qcow2");
    try (DiskImage held = DiskImage.create(disk, CreateOptions.qcow2(1 << 20))) {
      CommandLineRun run =
          CommandLineRun.of("run", "-k", kernel, "-i", kernel, "-d", disk.toString());

      assertThat(run.code()).isEqualTo(5);
      assertThat(run.err()).startsWith("monoceros: ").contains(disk.toString()).hasLineCount(1);
      assertThat(held.size()).isEqualTo(1 << 20);
    }
  }

  @Test
  void aKernelWithoutDriversOrModulesIsRefusedByNamingTheDrivers() throws Exception {
    String kernel = kernel(new BareKernel().hang());
    Path disk = Files.write(temporary.resolve("empty.raw"), new byte[1 << 16]);

    CommandLineRun run = CommandLineRun.of("run", "-k", kernel, "-d", disk + ",format=raw");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("no built-in driver virtio_pci, virtio_blk, ext4")
        .contains("give an initramfs with -i")
        .hasLineCount(1);
  }

  @Test
  void aKernelWithItsDriversBuiltInNeedsNoInitramfs() throws Exception {
    String loaded = kernel(new BareKernel().hang().text("\0virtio-pci\0\0virtio_blk\0\0ext4\0"));
    Path disk = Files.write(temporary.resolve("empty.raw"), new byte[1 << 16]);

    CommandLineRun run =
        CommandLineRun.of("run", "-k", loaded, "-d", disk + ",format=raw", "--show-config");

    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("initramfs      none: the kernel has its drivers built in");
  }

  @Test
  void showConfigPrintsEveryDefaultAndBootsNothing() throws IOException {
    String kernel = kernel(new BareKernel().print("booted"));

    CommandLineRun run = CommandLineRun.of("run", "-k", kernel, "--show-config");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .doesNotContain("booted")
        .contains("kernel         " + kernel)
        .contains("command-line   console=ttyS0 panic=-1\n")
        .contains("memory         512 MiB")
        .contains("rtc            2026-01-01T00:00:00Z")
        .contains("seed           0")
        .contains("on-reset       exit");
  }

  @Test
  void showConfigPrintsWhatADiskIsAskedToBe() throws IOException {
    String kernel = kernel(new BareKernel().hang().text("\0virtio-pci\0\0virtio_blk\0\0ext4\0"));
    Path disk = Files.write(temporary.resolve("empty.raw"), new byte[1 << 16]);

    String plain =
        CommandLineRun.of("run", "-k", kernel, "-d", disk + ",format=raw", "--show-config").out();
    String special =
        CommandLineRun.of(
                "run",
                "-k",
                kernel,
                "-d",
                disk + ",format=raw,packed,num_queues=4,cache=unsafe,throttling.bps-total=1M",
                "--show-config")
            .out();

    String memory =
        CommandLineRun.of(
                "run",
                "-k",
                kernel,
                "-d",
                "memory:1G,inject=read:delay=5ms@every:10,inject=any:error@p0.01,inject-seed=7",
                "--show-config")
            .out();

    assertThat(memory)
        .contains(
            "memory:1073741824,inject=read:delay=5000000ns@every:10,inject=any:error@p0.01,"
                + "inject-seed=7,cache=writeback]");
    assertThat(plain).contains("empty.raw,format=raw,cache=writeback]");
    assertThat(special)
        .contains(
            "empty.raw,format=raw,cache=unsafe,num-queues=4,packed=on,"
                + "throttling.bps-total=1048576]");
  }

  @Test
  void theCommandLineIsAddedToTheDefaultOrReplacesIt() throws IOException {
    String kernel = kernel(new BareKernel().hang());

    assertThat(CommandLineRun.of("run", "-k", kernel, "-p", "a=b", "--show-config").out())
        .contains("command-line   console=ttyS0 panic=-1 a=b\n");
    assertThat(
            CommandLineRun.of("run", "-k", kernel, "-p", "a=b", "--cmdline-only", "--show-config")
                .out())
        .contains("command-line   a=b\n");
  }
}
