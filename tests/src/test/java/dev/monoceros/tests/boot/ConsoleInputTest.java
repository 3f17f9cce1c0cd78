package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.tests.support.Dialogue;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.HostLoad;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Bytes given to the machine as a script reach a program in the guest. */
@ExtendWith(PackagesRequired.class)
class ConsoleInputTest {
  private static final int BLOCK_SIZE = 10_000;

  @TempDir Path directory;

  private MachineConfig config(String script) {
    return Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, script));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void linesThatAreThereFromTheStartWaitUntilAProgramReadsThem() throws Exception {
    MachineConfig config =
        config(
            """
            read one; read two; read three
            echo "GOT $three, $two, $one"
            poweroff -f
            """);

    Run run = Run.of(config, Dialogue.silent().send(ascii("first\nsecond\nthird\n")));

    assertThat(run.console()).as(run::tail).contains("GOT third, second, first\r\n");
    assertThat(run.result().verdict()).isEqualTo(Verdict.PASS);
    assertThat(Run.of(config, Dialogue.silent().send(ascii("first\nsecond\nthird\n"))))
        .as("the same input gives the same run")
        .isEqualTo(run);
    assertThat(Run.of(config, Dialogue.silent().send(ascii("FIRST\nsecond\nthird\n"))).console())
        .contains("GOT third, second, FIRST");
  }

  @Test
  void aRawTerminalTakesEveryByteValueWithoutLossAndTheRunRepeats() throws Exception {
    MachineConfig config =
        config(
            """
            stty raw -echo
            echo SEND
            dd bs=1 count=%d 2>/dev/null | md5sum
            poweroff -f
            """
                .formatted(BLOCK_SIZE));
    byte[] block = new byte[BLOCK_SIZE];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (i * 7 + i / 256);
    }
    String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(block));

    Run quiet = Run.of(config, Dialogue.silent().reply("SEND", block));
    assertThat(quiet.console()).as(quiet::tail).contains(md5);
    try (HostLoad load = HostLoad.onAllCores()) {
      assertThat(Run.of(config, Dialogue.silent().reply("SEND", block))).isEqualTo(quiet);
      assertThat(load.worked()).isTrue();
    }
  }
}
