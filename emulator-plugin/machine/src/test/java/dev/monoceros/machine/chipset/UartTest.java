package dev.monoceros.machine.chipset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.bus.AddressBus;
import dev.monoceros.machine.time.TestTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** National Semiconductor PC16550D data sheet, register by register. */
class UartTest {
  private static final int BASE = 0x3f8;
  private static final int DATA = 0;
  private static final int IER = 1;
  private static final int IIR = 2;
  private static final int FCR = 2;
  private static final int LCR = 3;
  private static final int MCR = 4;
  private static final int LSR = 5;
  private static final int MSR = 6;
  private static final int SCR = 7;

  private static final int RDI = 0x01;
  private static final int THRI = 0x02;
  private static final int RLSI = 0x04;
  private static final int MSI = 0x08;
  private static final int OUT2 = 0x08;
  private static final int LOOP = 0x10;
  private static final int DLAB = 0x80;

  /** 8 data bits, one start, one stop at 115200 baud. */
  private static final long CHARACTER = 86_805;

  private final TestTime time = new TestTime();
  private final AddressBus ports = new AddressBus("ports", 0x10000);
  private final StringBuilder sent = new StringBuilder();
  private final Deque<Integer> input = new ArrayDeque<>();
  private int whenEmpty = ConsoleSource.NONE_NOW;
  private int polls;
  private boolean irq;

  @BeforeEach
  void attach() {
    ConsoleSource source =
        () -> {
          polls++;
          return input.isEmpty() ? whenEmpty : input.remove();
        };
    new Uart(time.events, high -> irq = high, b -> sent.append((char) b), source)
        .attach(ports, BASE);
    out(MCR, OUT2);
  }

  @Test
  void aWrittenByteIsSentAtOnceAndTheTransmitterIsAlwaysEmpty() {
    out(DATA, 'A');
    out(DATA, 0xfe);
    assertThat(sent.toString()).isEqualTo("A\u00fe");
    assertThat(in(LSR)).isEqualTo(0x60);
  }

  /** Data sheet, section 8.4 (LSR bits 4 and 7) and table 5. */
  @Test
  void aBreakIsAZeroThatIsMarkedOnceItIsTheOldestByteUntilTheStatusIsRead() {
    out(FCR, 0x01);
    input.add((int) 'a');
    input.add(ConsoleSource.BREAK);
    input.add((int) 'h');
    out(IER, RDI | RLSI);
    time.run(3 * CHARACTER);
    assertThat(in(LSR)).as("a is the oldest, a break is behind it").isEqualTo(0xe1);
    assertThat(in(DATA)).isEqualTo('a');
    assertThat(in(IIR) & 0x0f).as("receiver line status").isEqualTo(0x06);
    assertThat(irq).isTrue();
    assertThat(in(LSR)).isEqualTo(0xf1);
    assertThat(in(LSR)).as("reset by the read before").isEqualTo(0x61);
    assertThat(in(DATA)).isZero();
    assertThat(in(LSR)).isEqualTo(0x61);
    assertThat(in(DATA)).isEqualTo('h');
    assertThat(in(LSR)).isEqualTo(0x60);
  }

  @Test
  void enablingTheTransmitInterruptReportsTheEmptyRegisterAtOnceAndReadingIirClearsIt() {
    out(IER, THRI);
    assertThat(irq).isTrue();
    assertThat(in(IIR)).isEqualTo(0x02);
    assertThat(irq).isFalse();
    assertThat(in(IIR)).isEqualTo(0x01);
    out(IER, 0);
    out(IER, THRI);
    assertThat(in(IIR)).as("the test that Linux makes at start-up").isEqualTo(0x02);
  }

  @Test
  void theTransmitInterruptFollowsAWriteAfterADelayOfVirtualTimeOnce() {
    out(IER, THRI);
    in(IIR);
    for (int i = 0; i < 16; i++) {
      out(DATA, 'x');
    }
    assertThat(in(IIR)).as("a handler that looks again finds nothing to do").isEqualTo(0x01);
    time.run(Uart.TRANSMIT_INTERRUPT_DELAY - 1);
    assertThat(irq).isFalse();
    time.run(1);
    assertThat(irq).isTrue();
    assertThat(in(IIR)).isEqualTo(0x02);
    time.run(1_000_000);
    assertThat(irq).isFalse();
  }

  @Test
  void writingClearsThePendingTransmitInterrupt() {
    out(IER, THRI);
    out(DATA, 'x');
    assertThat(irq).isFalse();
  }

  @Test
  void withoutOut2TheInterruptDoesNotReachTheBus() {
    out(MCR, 0);
    out(IER, THRI);
    assertThat(irq).isFalse();
    assertThat(in(IIR)).isEqualTo(0x02);
    in(IIR);
    out(IER, 0);
    out(IER, THRI);
    out(MCR, OUT2);
    assertThat(irq).isTrue();
  }

  @Test
  void noByteEntersBeforeTheReceiveInterruptIsEnabled() {
    type("ab");
    time.run(1_000_000_000);
    assertThat(in(LSR) & 1).isZero();
    assertThat(polls).isZero();
    out(IER, RDI);
    time.run(CHARACTER - 1);
    assertThat(polls).isZero();
    time.run(1);
    assertThat(irq).isTrue();
    assertThat(in(IIR)).isEqualTo(0x04);
    assertThat(in(LSR)).isEqualTo(0x61);
    assertThat(in(DATA)).isEqualTo('a');
    assertThat(irq).isFalse();
  }

  @Test
  void withoutFifosTheNextByteWaitsUntilTheFirstIsRead() {
    type("ab");
    out(IER, RDI);
    time.run(1_000_000_000);
    assertThat(polls).isEqualTo(1);
    assertThat(in(DATA)).isEqualTo('a');
    time.run(CHARACTER);
    assertThat(in(DATA)).isEqualTo('b');
  }

  @Test
  void theFifoTakesSixteenBytesAtLineSpeedAndLosesNone() {
    String text = "The quick brown fox jumps over";
    type(text);
    out(FCR, 0x01);
    out(IER, RDI);
    time.run(CHARACTER * 100);
    assertThat(polls).isEqualTo(16);
    StringBuilder received = new StringBuilder();
    while (received.length() < text.length()) {
      assertThat(in(LSR) & 0x03).as("data ready, no overrun").isEqualTo(0x01);
      while ((in(LSR) & 1) != 0) {
        received.append((char) in(DATA));
      }
      time.run(CHARACTER * 100);
    }
    assertThat(received.toString()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0x01, 1", "0x41, 4", "0x81, 8", "0xc1, 14"})
  void theReceiveInterruptComesAtTheTriggerLevel(String fcr, int trigger) {
    type("0123456789abcdef");
    out(FCR, Integer.decode(fcr));
    out(IER, RDI);
    time.run(CHARACTER * (trigger - 1));
    assertThat(irq).isFalse();
    time.run(CHARACTER);
    assertThat(in(IIR)).isEqualTo(0xc4);
    in(DATA);
    assertThat(irq).as("below the level again").isFalse();
  }

  @Test
  void belowTheTriggerLevelFourSilentCharactersGiveATimeout() {
    type("ab");
    out(FCR, 0x81);
    out(IER, RDI);
    time.run(2 * CHARACTER + 4 * CHARACTER - 1);
    assertThat(irq).isFalse();
    time.run(1);
    assertThat(in(IIR)).isEqualTo(0xcc);
    assertThat(in(DATA)).isEqualTo('a');
    assertThat(irq).as("reading resets the timeout").isFalse();
    time.run(4 * CHARACTER);
    assertThat(in(IIR)).isEqualTo(0xcc);
    in(DATA);
    time.run(10 * CHARACTER);
    assertThat(irq).isFalse();
  }

  @Test
  void aSourceWithNothingNowIsAskedAgainAfterWaitsThatDoubleUpToALimit() {
    out(IER, RDI);
    time.run(CHARACTER);
    assertThat(polls).isEqualTo(1);
    time.run(1_000_000 + 2_000_000 + 4_000_000 + 8_000_000);
    assertThat(polls).isEqualTo(5);
    time.run(10 * Uart.LONGEST_POLL_INTERVAL);
    assertThat(polls).isEqualTo(15);
    type("x");
    time.run(Uart.LONGEST_POLL_INTERVAL);
    assertThat(in(DATA)).isEqualTo('x');
    int before = polls;
    time.run(CHARACTER + 3 * Uart.SOURCE_POLL_INTERVAL);
    assertThat(polls - before).as("a byte makes the waits short again").isGreaterThanOrEqualTo(2);
  }

  @Test
  void aSourceThatHasEndedIsNeverAskedAgain() {
    whenEmpty = ConsoleSource.END;
    out(IER, RDI);
    time.run(1_000_000_000);
    assertThat(polls).isEqualTo(1);
    assertThat(time.events.nextDeadline()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void disablingTheReceiveInterruptStopsTheSource() {
    type("ab");
    out(IER, RDI);
    out(IER, 0);
    time.run(1_000_000_000);
    assertThat(polls).isZero();
  }

  @Test
  void theLineSpeedFollowsDivisorAndFrame() {
    type("x");
    out(LCR, DLAB);
    out(DATA, 12);
    out(IER, 0);
    // 9600 baud, 7 data bits, parity, two stop bits: 11 bits.
    out(LCR, 0x0e);
    out(IER, RDI);
    time.run(1_145_832);
    assertThat(irq).isFalse();
    time.run(1);
    assertThat(irq).isTrue();
  }

  @Test
  void theDivisorIsReadBackThroughDlabAndHidesDataAndIer() {
    out(IER, RDI);
    out(LCR, DLAB | 3);
    out(DATA, 0x34);
    out(IER, 0x12);
    assertThat(in(DATA)).isEqualTo(0x34);
    assertThat(in(IER)).isEqualTo(0x12);
    out(LCR, 3);
    assertThat(in(IER)).isEqualTo(RDI);
    assertThat(in(LCR)).isEqualTo(3);
    assertThat(sent.toString()).isEmpty();
  }

  @Test
  void aDivisorOfZeroDoesNotStopTime() {
    type("x");
    out(LCR, DLAB);
    out(DATA, 0);
    out(LCR, 3);
    out(IER, RDI);
    time.run(CHARACTER);
    assertThat(in(DATA)).isEqualTo('x');
  }

  @Test
  void iirShowsEnabledFifosAndIerKeepsFourBits() {
    out(FCR, 0x01);
    assertThat(in(IIR)).isEqualTo(0xc1);
    out(FCR, 0x00);
    assertThat(in(IIR)).isEqualTo(0x01);
    out(IER, 0xff);
    assertThat(in(IER)).isEqualTo(0x0f);
  }

  @Test
  void theScratchRegisterKeepsItsByte() {
    out(SCR, 0x5a);
    assertThat(in(SCR)).isEqualTo(0x5a);
  }

  @Test
  void clearingTheReceiverFifoDropsItsBytesAndItsTimeout() {
    type("ab");
    out(FCR, 0x81);
    out(IER, RDI);
    time.run(10 * CHARACTER);
    assertThat(irq).isTrue();
    out(FCR, 0x83);
    assertThat(irq).isFalse();
    assertThat(in(LSR) & 1).isZero();
    time.run(10 * CHARACTER);
    assertThat(irq).isFalse();
  }

  @Test
  void anEmptyReceiverReadsZero() {
    assertThat(in(DATA)).isZero();
  }

  @Test
  void loopbackReturnsBytesToTheReceiverAndNothingGoesOut() {
    out(MCR, LOOP);
    out(FCR, 0x01);
    out(DATA, 'q');
    assertThat(sent.toString()).isEmpty();
    assertThat(in(DATA)).isEqualTo('q');
  }

  @Test
  void inLoopbackAByteTooManyIsAnOverrunWhichReadingLsrClears() {
    out(MCR, LOOP);
    out(IER, RLSI | RDI);
    out(DATA, 'a');
    out(DATA, 'b');
    assertThat(in(IIR)).as("line status comes before received data").isEqualTo(0x06);
    assertThat(in(LSR)).isEqualTo(0x63);
    assertThat(in(IIR)).isEqualTo(0x04);
    assertThat(in(LSR)).isEqualTo(0x61);
    assertThat(in(DATA)).isEqualTo('a');
  }

  /** Linux, autoconfig: "if ((status1 & 0xf0) != 0x90) the port is not there". */
  @Test
  void inLoopbackTheModemOutputsComeBackAsInputs() {
    out(MCR, LOOP | 0x0a);
    assertThat(in(MSR) & 0xf0).isEqualTo(0x90);
    out(MCR, LOOP | 0x05);
    assertThat(in(MSR) & 0xf0).isEqualTo(0x60);
    out(MCR, 0);
    assertThat(in(MSR) & 0xf0).as("outside: DCD, DSR, CTS").isEqualTo(0xb0);
  }

  @Test
  void modemStatusNotesChangesUntilReadAndInterrupts() {
    out(IER, MSI);
    out(MCR, LOOP | 0x0f);
    assertThat(in(IIR)).as("RI rose, which is not noted; nothing else changed").isEqualTo(0x01);
    out(MCR, LOOP | 0x08);
    assertThat(in(IIR)).isEqualTo(0x00);
    assertThat(in(MSR)).as("delta CTS, delta DSR, trailing edge of RI; DCD on").isEqualTo(0x87);
    assertThat(in(MSR)).isEqualTo(0x80);
    assertThat(in(IIR)).isEqualTo(0x01);
  }

  @Test
  void priorityIsLineStatusThenDataThenTransmitterThenModem() {
    out(MCR, LOOP);
    out(DATA, 'a');
    out(DATA, 'b');
    out(MCR, LOOP | 0x02);
    out(IER, RDI | THRI | RLSI | MSI);
    List<Integer> causes = new ArrayList<>();
    causes.add(in(IIR));
    in(LSR);
    causes.add(in(IIR));
    in(DATA);
    causes.add(in(IIR));
    causes.add(in(IIR));
    in(MSR);
    causes.add(in(IIR));
    assertThat(causes).containsExactly(0x06, 0x04, 0x02, 0x00, 0x01);
  }

  private void type(String text) {
    text.chars().forEach(input::add);
  }

  private int in(int register) {
    return (int) ports.read(BASE + register, 1);
  }

  private void out(int register, int value) {
    ports.write(BASE + register, 1, value);
  }
}
