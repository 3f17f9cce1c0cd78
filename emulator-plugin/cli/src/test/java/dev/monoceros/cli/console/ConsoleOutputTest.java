package dev.monoceros.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConsoleOutputTest {
  private static void send(ConsoleOutput output, String text) {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      output.write(b & 0xff);
    }
  }

  @Test
  void allBytesComeOutUnchangedOnceClosed() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] all = new byte[20_000];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) (i * 7);
    }

    try (ConsoleOutput output = new ConsoleOutput(out, e -> {})) {
      for (byte b : all) {
        output.write(b & 0xff);
      }
    }

    assertThat(out.toByteArray()).isEqualTo(all);
  }

  @Test
  void aLineIsOutWhenItEnds() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ConsoleOutput output = new ConsoleOutput(out, e -> {})) {
      send(output, "one\r\n");

      assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("one\r\n");
      assertThat(output.insideLine()).isFalse();
    }
  }

  @Test
  void aPromptWithoutALineEndShowsUp() throws InterruptedException {
    SynchronousQueue<String> written = new SynchronousQueue<>();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("byte by byte");
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            written.offer(new String(bytes, offset, length, StandardCharsets.US_ASCII));
          }
        };
    ConsoleOutput output = new ConsoleOutput(out, e -> {});
    for (String shown = null; shown == null; ) {
      send(output, "# ");
      shown = written.poll(1, TimeUnit.SECONDS);
    }
    assertThat(output.insideLine()).isTrue();
    output.close();
  }

  @Test
  void aBrokenStreamIsToldOnceAndTakesTheRestInSilence() {
    List<IOException> told = new ArrayList<>();
    OutputStream out =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    try (ConsoleOutput output = new ConsoleOutput(out, told::add)) {
      send(output, "one\ntwo\nthree\n");
    }

    assertThat(told).hasSize(1);
  }
}
