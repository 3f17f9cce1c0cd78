package dev.monoceros.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.cli.report.ScriptUse;
import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ScriptInputTest {
  /** However slowly and in whatever pieces the host delivers, the guest sees the same bytes. */
  @Property(tries = 50)
  void theGuestGetsEveryByteInOrderAndThenTheEnd(@ForAll @Size(max = 9000) byte[] script) {
    ScriptInput input = new ScriptInput(new ByteArrayInputStream(script), () -> {});

    for (byte b : script) {
      assertThat(input.next()).isEqualTo(b & 0xff);
    }
    assertThat(input.next()).isEqualTo(ConsoleSource.END);
    assertThat(input.next()).isEqualTo(ConsoleSource.END);
  }

  @Test
  @Timeout(60)
  void aByteThatIsLateIsWaitedForSoThatTimingNeverShows() throws Exception {
    try (PipedOutputStream writer = new PipedOutputStream();
        PipedInputStream reader = new PipedInputStream(writer)) {
      ScriptInput input = new ScriptInput(reader, () -> {});
      CompletableFuture<Integer> next = CompletableFuture.supplyAsync(input::next);
      Thread.sleep(200);
      assertThat(next).isNotDone();

      writer.write('x');
      writer.flush();

      assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo('x');
    }
  }

  @Test
  @Timeout(60)
  void aStopReleasesAMachineThatWaitsForAByte() throws Exception {
    try (PipedOutputStream writer = new PipedOutputStream();
        PipedInputStream reader = new PipedInputStream(writer)) {
      ScriptInput input = new ScriptInput(reader, () -> {});
      CompletableFuture<Integer> next = CompletableFuture.supplyAsync(input::next);

      input.release();

      assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo(ConsoleSource.NONE_NOW);
    }
  }

  @Test
  @Timeout(60)
  void aLongWaitIsToldOnce() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    try (PipedOutputStream writer = new PipedOutputStream();
        PipedInputStream reader = new PipedInputStream(writer)) {
      ScriptInput input = new ScriptInput(reader, told::countDown);
      CompletableFuture<Integer> next = CompletableFuture.supplyAsync(input::next);

      assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
      writer.close();

      assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo(ConsoleSource.END);
    }
  }

  @Test
  @Timeout(60)
  void onlyWhatTheGuestTookIsCountedAndHashed() {
    byte[] script = "abcdef".getBytes(StandardCharsets.US_ASCII);
    ScriptInput input = new ScriptInput(new ByteArrayInputStream(script), () -> {});

    input.next();
    input.next();
    input.next();

    // FIPS 180-2, B.1
    assertThat(input.use())
        .isEqualTo(
            new ScriptUse(3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  }
}
