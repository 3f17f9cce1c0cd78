package dev.monoceros.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and pacing, with a pipe in place of a keyboard. */
@Timeout(60)
class TerminalTest {
  private static final int CONTROL_A = 1;
  private static final int CONTROL_C = 3;

  private final List<Integer> guest = new ArrayList<>();
  private final AtomicInteger quits = new AtomicInteger();
  private final CountDownLatch quitted = new CountDownLatch(1);
  private final AtomicInteger presses = new AtomicInteger();
  private final AtomicInteger nmis = new AtomicInteger();
  private final AtomicInteger helps = new AtomicInteger();
  private final EscapeKeys keys = new EscapeKeys(guest::add, new Counted());

  private final class Counted implements KeyActions {
    @Override
    public void quit() {
      quits.incrementAndGet();
      quitted.countDown();
    }

    @Override
    public void powerButton() {
      presses.incrementAndGet();
    }

    @Override
    public void nmi() {
      nmis.incrementAndGet();
    }

    @Override
    public void help() {
      helps.incrementAndGet();
    }

    @Override
    public String windowSize() {
      return new RawTerminal.Size(50, 132).sttyCommand();
    }
  }

  private void type(int... typed) {
    for (int b : typed) {
      keys.typed(b);
    }
  }

  @Test
  void everyKeyIsTheGuestsEvenControlC() {
    type('a', CONTROL_C, 27, 255);

    assertThat(guest).containsExactly((int) 'a', CONTROL_C, 27, 255);
  }

  @ParameterizedTest
  @ValueSource(ints = {'x', 'X'})
  void controlAXEndsTheRun(int key) {
    type(CONTROL_A, key);

    assertThat(quits).hasValue(1);
    assertThat(guest).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {'n', 'N'})
  void controlANPulsesTheNmi(int key) {
    type(key, CONTROL_A, key);

    assertThat(nmis).hasValue(1);
    assertThat(guest).containsExactly(key);
  }

  @ParameterizedTest
  @ValueSource(ints = {'p', 'P'})
  void controlAPPressesThePowerButton(int key) {
    type(key, CONTROL_A, key);

    assertThat(presses).hasValue(1);
    assertThat(quits).hasValue(0);
    assertThat(guest).containsExactly(key);
  }

  @ParameterizedTest
  @ValueSource(ints = {'w', 'W'})
  void controlAWTypesTheWindowsSize(int key) {
    type(CONTROL_A, key);

    assertThat(guest).isEqualTo("stty rows 50 columns 132\r".chars().boxed().toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {'b', 'B'})
  void controlABSendsABreakAmongTheKeys(int key) {
    type('1', CONTROL_A, key, 'h');

    assertThat(guest).containsExactly((int) '1', ConsoleSource.BREAK, (int) 'h');
  }

  @Test
  void controlATwiceSendsOneAndHTellsTheKeysAndOthersAreDropped() {
    type(CONTROL_A, CONTROL_A, 'x', CONTROL_A, 'h', CONTROL_A, 'z', 'z');

    assertThat(guest).containsExactly(CONTROL_A, (int) 'x', (int) 'z');
    assertThat(helps).hasValue(1);
    assertThat(quits).hasValue(0);
  }

  @Test
  void aKeyboardNeverMakesTheMachineWaitAndItsEndEndsTheRun() throws Exception {
    PacedIdle idle = new PacedIdle(System::nanoTime);
    try (PipedOutputStream typist = new PipedOutputStream();
        PipedInputStream keyboard = new PipedInputStream(typist)) {
      TerminalInput input = new TerminalInput(keyboard, idle, new Counted());
      assertThat(input.next()).isEqualTo(ConsoleSource.NONE_NOW);

      typist.write('k');
      typist.flush();
      int next = input.next();
      while (next == ConsoleSource.NONE_NOW) {
        Thread.sleep(10);
        next = input.next();
      }
      assertThat(next).isEqualTo('k');

      typist.close();
      assertThat(quitted.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(input.next()).isEqualTo(ConsoleSource.END);
    }
  }

  @Test
  void idleTimeTakesAsLongOnTheHostsClock() {
    PacedIdle idle = new PacedIdle(System::nanoTime);
    long begin = System.nanoTime();

    long now = 0;
    for (int i = 0; i < 10; i++) {
      now = idle.idle(now, now + 30_000_000);
    }

    assertThat(now).isEqualTo(300_000_000);
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(300_000_000);
  }

  @Test
  void aWakeUpEndsTheWaitWhereTheHostsClockStands() {
    PacedIdle idle = new PacedIdle(System::nanoTime);
    idle.wake();

    assertThat(idle.idle(5_000, 5_000 + 60_000_000_000L)).isBetween(5_000L, 5_000 + 50_000_000L);
  }

  @Test
  void withNothingToComeItWaitsOnForAKey() {
    PacedIdle idle = new PacedIdle(System::nanoTime);

    assertThat(idle.idle(7, Long.MAX_VALUE)).isBetween(7L, 200_000_000L);
  }
}
