package dev.monoceros.cli.exit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.CpuStats;
import dev.monoceros.machine.MachineException;
import dev.monoceros.machine.RunResult;
import dev.monoceros.machine.Verdict;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The numbers are a promise to scripts, so they stand here once more. */
class ExitCodeTest {
  private static final CpuStats NOTHING = new CpuStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private static RunResult result(Verdict verdict, OptionalInt debugExit) {
    return new RunResult(verdict, "", debugExit, 0, 1, 0, true, "2.1.4", NOTHING, List.of());
  }

  @ParameterizedTest
  @CsvSource({
    "PASS,0",
    "PANIC,1",
    "TRIPLE_FAULT,1",
    "HANG,1",
    "NO_MARKER,1",
    "TIMEOUT,3",
    "EMULATOR_FAULT,4",
    "IMAGE_ERROR,5",
    "STOPPED,130"
  })
  void everyVerdictHasItsNumber(Verdict verdict, int code) {
    assertThat(ExitCode.of(result(verdict, OptionalInt.empty()))).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({"0,16", "1,17", "111,127", "112,127", "255,127", "-1,16"})
  void theDebugExitPortsNumberIsAddedTo16AndStaysBelowTheSignals(int written, int code) {
    assertThat(ExitCode.of(result(Verdict.DEBUG_EXIT, OptionalInt.of(written)))).isEqualTo(code);
  }

  @Test
  void aMachineThatCannotBeMadeSaysWhoIsToBlame() {
    assertThat(ExitCode.of(MachineException.Kind.CONFIG)).isEqualTo(2);
    assertThat(ExitCode.of(MachineException.Kind.HOST)).isEqualTo(4);
    assertThat(ExitCode.of(MachineException.Kind.IMAGE)).isEqualTo(5);
  }
}
