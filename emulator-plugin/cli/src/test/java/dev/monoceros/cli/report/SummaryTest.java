package dev.monoceros.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.CpuStats;
import dev.monoceros.machine.DiskStats;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SummaryTest {
  private static final CpuStats CPU =
      new CpuStats(1_234_567, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20);
  private static final DiskStats DISK =
      new DiskStats("vda", 1, 2, 3, 4, 0, 1536, 5 << 20, 1000, 7, 8, 9);

  private static RunResult result(boolean deterministic, String library) {
    return new RunResult(
        Verdict.PASS,
        "the guest powered off",
        OptionalInt.empty(),
        1_500_000_000,
        1,
        99,
        deterministic,
        library,
        CPU,
        List.of(DISK));
  }

  @Test
  void theTableHoldsVerdictTimesAndCountersOfCpuAndDisks() {
    assertThat(Summary.lines(result(true, "2.1.4"), 2_250_000_000L, "", false))
        .containsExactly(
            "monoceros: PASS: the guest powered off",
            "  virtual time   1.500 s",
            "  wall time      2.250 s",
            "  repeatable     yes",
            "  code executed  1,234,567 bytes",
            "  interrupts     11",
            "  page faults    13",
            "  TLB fills      16",
            "  vda requests   1 read, 2 write, 3 flush, 4 other",
            "  vda bytes      1.5 KiB read, 5.0 MiB written",
            "  vda L2 cache   1,000 hits, 7 misses, 8 evictions, 9 write-backs");
  }

  @Test
  void anInteractiveRunAndAnOldLibraryAreNotRepeatable() {
    assertThat(Summary.lines(result(true, "2.1.4"), 1, "interactive", false))
        .contains("  repeatable     not repeatable (interactive)");
    assertThat(Summary.lines(result(false, "2.1.1"), 1, "", false))
        .contains("  repeatable     no (libunicorn 2.1.1)");
  }

  @Test
  void onlyATerminalGetsColours() {
    assertThat(String.join("", Summary.lines(result(true, "2.1.4"), 1, "", false)))
        .doesNotContain("\u001b");
    assertThat(Summary.lines(result(true, "2.1.4"), 1, "", true).getFirst())
        .contains("\u001b[1;32mPASS\u001b[0m");
  }

  @ParameterizedTest
  @CsvSource({"0,0 bytes", "1023,'1,023 bytes'", "1024,1.0 KiB", "9223372036854775807,8.0 EiB"})
  void bytesAreToldInBinaryUnits(long bytes, String text) {
    assertThat(Units.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0,0.000 ms",
    "999999999,1000.000 ms",
    "1000000000,1.000 s",
    "3600000000000,'3,600.000 s'"
  })
  void timesAreToldInSecondsAndMilliseconds(long nanos, String text) {
    assertThat(Units.nanos(nanos)).isEqualTo(text);
  }
}
