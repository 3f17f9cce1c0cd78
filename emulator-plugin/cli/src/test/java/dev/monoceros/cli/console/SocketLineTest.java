package dev.monoceros.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.machine.chipset.SerialLine;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SocketLineTest {
  private static final long PATIENCE = 300_000_000;
  private static final int MORE_THAN_ALL_BUFFERS = 4 << 20;

  private final List<String> lost = new CopyOnWriteArrayList<>();
  private final AtomicInteger wakes = new AtomicInteger();
  @TempDir Path directory;
  private SocketChannel peer;
  private SocketLine socket;
  private SerialLine line;

  @BeforeEach
  void connect() throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
      server.bind(address);
      peer = SocketChannel.open(address);
      socket = new SocketLine(server.accept(), PATIENCE, wakes::incrementAndGet, lost::add);
      line = socket.line();
    }
  }

  @AfterEach
  void close() throws Exception {
    socket.close();
    peer.close();
  }

  @Test
  void aPeerThatDoesNotReadIsGivenUpAfterAWhileAndNeverWaitedForAgain() {
    long begin = System.nanoTime();
    for (int i = 0; i < MORE_THAN_ALL_BUFFERS; i++) {
      line.sink().write(i);
    }
    assertThat(System.nanoTime() - begin).isBetween(PATIENCE, 30 * PATIENCE);
    assertThat(lost).hasSize(1);
    assertThat(lost.getFirst()).contains("does not read");
  }

  @Test
  void aRunThatStopsDoesNotWaitForAPeerThatDoesNotRead() throws Exception {
    socket.release();
    for (int i = 0; i < MORE_THAN_ALL_BUFFERS; i++) {
      line.sink().write(i);
    }
    assertThat(lost).isEmpty();
  }

  @Test
  void whatThePeerSendsWakesAnIdleMachineAndItsEndIsTheEnd() throws Exception {
    assertThat(line.source().next()).isEqualTo(ConsoleSource.NONE_NOW);
    peer.write(ByteBuffer.wrap(new byte[] {(byte) 0xff, 0}));
    while (wakes.get() < 2) {
      Thread.sleep(5);
    }
    assertThat(line.source().next()).isEqualTo(0xff);
    assertThat(line.source().next()).isZero();
    peer.shutdownOutput();
    int next = line.source().next();
    while (next == ConsoleSource.NONE_NOW) {
      Thread.sleep(5);
      next = line.source().next();
    }
    assertThat(next).isEqualTo(ConsoleSource.END);
  }

  @Test
  void whatWasSentLastArrivesThoughTheLineIsClosedAtOnce() throws Exception {
    for (int i = 0; i < 50_000; i++) {
      line.sink().write(i);
    }
    ByteBuffer heard = ByteBuffer.allocate(60_000);
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Thread.sleep(100);
                    while (peer.read(heard) >= 0) {
                      // to the end
                    }
                  } catch (IOException | InterruptedException e) {
                    lost.add(e.toString());
                  }
                });
    socket.close();
    reader.join();
    assertThat(lost).isEmpty();
    assertThat(heard.position()).isEqualTo(50_000);
  }
}
