package dev.monoceros.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The second serial port's line, and the log of the first. */
@ExtendWith(LibraryRequired.class)
@Timeout(120)
class SecondSerialTest {
  @TempDir Path temporary;

  private CommandLineRun run(BareKernel kernel, String... more) throws IOException {
    String[] arguments = new String[3 + more.length];
    arguments[0] = "run";
    arguments[1] = "-k";
    arguments[2] = kernel.write(temporary);
    System.arraycopy(more, 0, arguments, 3, more.length);
    return CommandLineRun.of(arguments);
  }

  private static BareKernel echo() {
    return new BareKernel().print("console\n").onSecondPort().echoUntilQ().debugExit(0);
  }

  /** All bytes to the end of the stream. */
  private static String readAll(SocketChannel channel) throws IOException {
    ByteBuffer heard = ByteBuffer.allocate(100);
    while (channel.read(heard) >= 0) {
      // until the end
    }
    return new String(heard.array(), 0, heard.position(), StandardCharsets.US_ASCII);
  }

  private static <T> T with(Callable<T> peer, Callable<CommandLineRun> run) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<T> heard = thread.submit(peer);
      CommandLineRun ended = run.call();
      assertThat(ended.code()).as(ended.err()).isEqualTo(16);
      assertThat(ended.out()).isEqualTo("console\n");
      assertThat(ended.err()).contains("not repeatable (second serial port on a socket)");
      return heard.get();
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void aFileTakesWhatTheGuestSendsAndAnotherGivesWhatItReceivesAndTheRunRepeats() throws Exception {
    Path in = Files.writeString(temporary.resolve("in,1"), "12345q");
    Path out = Files.writeString(temporary.resolve("out"), "old contents, longer than the new");
    String option = "file:" + out + ",input=" + in.toString().replace(",", ",,");

    CommandLineRun run = run(echo(), "--serial2", option);

    assertThat(run.code()).as(run.err()).isEqualTo(16);
    assertThat(run.err()).containsPattern("repeatable +yes");
    assertThat(out).hasContent("12345q");
    String virtual = run.err().lines().filter(l -> l.contains("virtual time")).findFirst().get();
    assertThat(run(echo(), "--serial2", option).err()).contains(virtual);
  }

  @Test
  void aSocketOfAListeningPeerCarriesBothWays() throws Exception {
    Path path = temporary.resolve("peer");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      String heard =
          with(
              () -> {
                try (SocketChannel channel = server.accept()) {
                  channel.write(ByteBuffer.wrap(new byte[] {'a', 'b', 'q'}));
                  return readAll(channel);
                }
              },
              () -> run(echo(), "--serial2", "unix:" + path));
      assertThat(heard).isEqualTo("abq");
    }
  }

  @Test
  void aServerWaitsForItsPeerAndItsSocketIsGoneAfterwards() throws Exception {
    Path path = temporary.resolve("ours");
    String heard =
        with(
            () -> {
              while (!Files.exists(path)) {
                Thread.sleep(20);
              }
              Thread.sleep(50);
              try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                channel.write(ByteBuffer.wrap(new byte[] {'x', 'q'}));
                return readAll(channel);
              }
            },
            () -> run(echo(), "--serial2", "unix:" + path + ",server=on"));
    assertThat(heard).isEqualTo("xq");
    assertThat(path).doesNotExist();
  }

  @Test
  void aTcpPeerThatGoesAwayDoesNotStopTheGuest() throws Exception {
    BareKernel kernel = new BareKernel().print("console\n").onSecondPort().echoUntilQ();
    for (int i = 0; i < 200; i++) {
      kernel.print("words for nobody, many of them, one after the other\n");
    }
    kernel.debugExit(0);
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress at = (InetSocketAddress) server.getLocalSocketAddress();
      with(
          () -> {
            try (Socket socket = server.accept()) {
              socket.getOutputStream().write('q');
              return null;
            }
          },
          () -> run(kernel, "--serial2", "tcp:127.0.0.1:" + at.getPort()));
    }
  }

  @Test
  void nobodyAtTheSocketIsOneSentenceAndCode4() throws Exception {
    CommandLineRun run = run(echo(), "--serial2", "unix:" + temporary.resolve("nobody"));

    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).startsWith("monoceros: --serial2: unix:").hasLineCount(1);
  }

  @Test
  void aFileThatIsNoSocketIsNotRemovedForAServer() throws Exception {
    Path file = Files.writeString(temporary.resolve("precious"), "kept");
    CommandLineRun run = run(echo(), "--serial2", "unix:" + file + ",server=on");

    assertThat(run.code()).isEqualTo(4);
    assertThat(file).hasContent("kept");
  }
}
