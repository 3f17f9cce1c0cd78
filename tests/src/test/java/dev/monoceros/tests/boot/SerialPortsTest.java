package dev.monoceros.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.MachineConfig;
import dev.monoceros.machine.Verdict;
import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.machine.chipset.SerialLine;
import dev.monoceros.machine.chipset.SerialPort;
import dev.monoceros.tests.support.Dialogue;
import dev.monoceros.tests.support.Guests;
import dev.monoceros.tests.support.PackagesRequired;
import dev.monoceros.tests.support.Run;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linux's 8250 driver on the serial ports behind the console. */
@ExtendWith(PackagesRequired.class)
class SerialPortsTest {
  private static final int BLOCK = 8 * 1024;
  private static final int FLOOD = 1 << 20;

  @TempDir Path directory;

  private MachineConfig config(String script) {
    return Guests.machine(Guests.kernel().vmlinuz(), Guests.scriptInitrd(directory, script));
  }

  /** Every byte value, in an order that is another one for each port. */
  private static byte[] block(SerialPort port) {
    byte[] block = new byte[BLOCK];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (i * (2 * port.number() + 1) + i / 256);
    }
    return block;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "noapic nolapic acpi=off", "pci=nomsi 8250.share_irqs=1"})
  void everyPortEchoesEveryByteAlsoWhenPortsShareAnInterrupt(String options) throws Exception {
    // COM3 shares the console's interrupt, and COM4 that of COM2; all of them are busy at once.
    MachineConfig config =
        config(
                """
                echo() { exec 3<>/dev/$1; stty raw -echo <&3; /bin/echo GO >&3; head -c %d <&3 >&3; }
                for t in ttyS1 ttyS2 ttyS3; do echo $t & done; wait
                grep ttyS /proc/interrupts
                cat /proc/tty/driver/serial
                poweroff -f
                """
                    .formatted(BLOCK))
            .withCommandLine("console=ttyS0 panic=-1 " + options);
    Run run = null;
    for (int round = 0; round < 2; round++) {
      Map<SerialPort, Dialogue> ends = new EnumMap<>(SerialPort.class);
      MachineConfig connected = config;
      for (SerialPort port : new SerialPort[] {SerialPort.COM2, SerialPort.COM3, SerialPort.COM4}) {
        Dialogue end = Dialogue.silent().reply("GO\n", block(port));
        ends.put(port, end);
        connected = connected.withSerial(port, new SerialLine(end, end));
      }
      Run again = Run.of(connected);
      assertThat(again.result().verdict()).as(again::tail).isEqualTo(Verdict.PASS);
      ends.forEach(
          (port, end) ->
              assertThat(Arrays.copyOfRange(end.heard(), 3, end.heard().length))
                  .as(() -> port + "\n" + again.tail())
                  .isEqualTo(block(port)));
      assertThat(run == null || run.equals(again)).as("the second run is the first").isTrue();
      run = again;
    }
    assertThat(run.console())
        .containsPattern("ttyS1 at I/O 0x2f8 \\(irq = 3, base_baud = 115200\\) is a 16550A")
        .containsPattern("ttyS2 at I/O 0x3e8 \\(irq = 4, base_baud = 115200\\) is a 16550A")
        .containsPattern("ttyS3 at I/O 0x2e8 \\(irq = 3, base_baud = 115200\\) is a 16550A")
        .doesNotContain("too much work", "nobody cared", "oe:", "input overrun");
  }

  @Test
  void aPortThatIsNotConfiguredIsNotThere() throws Exception {
    Run run = Run.of(config("cat /proc/tty/driver/serial; ls /sys/bus/pnp/devices; poweroff -f\n"));
    assertThat(run.console()).contains("0: uart:16550A port:000003F8", "1: uart:unknown", "3: uart:unknown")
        .doesNotContain("ttyS1 at", "00:03");
  }

  @Test
  void aFloodGoesOutWholeAndByInterrupts() throws Exception {
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    long[] span = new long[2];
    SerialLine line =
        new SerialLine(
            b -> {
              if (heard.size() == 0) {
                span[0] = System.nanoTime();
              }
              heard.write(b);
              span[1] = System.nanoTime();
            },
            ConsoleSource.empty());
    Run run =
        Run.of(
            config(
                    """
                    stty -F /dev/ttyS1 raw -echo
                    dd if=/dev/zero bs=64k count=16 2>/dev/null | tr '\\0' '\\377' > /dev/ttyS1
                    grep ttyS /proc/interrupts
                    poweroff -f
                    """)
                .withSerial(SerialPort.COM2, line));
    assertThat(run.result().verdict()).as(run::tail).isEqualTo(Verdict.PASS);
    assertThat(heard.size()).isEqualTo(FLOOD);
    assertThat(heard.toByteArray()).containsOnly((byte) 0xff);
    System.out.printf(
        "FLOOD %d bytes in %d ms%n%s%n", heard.size(), (span[1] - span[0]) / 1_000_000, run.tail());
  }
}
