package dev.monoceros.cli.console;

import dev.monoceros.machine.chipset.ConsoleSource;
import dev.monoceros.machine.chipset.SerialLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.Consumer;

/**
 * A serial port on a socket. What it carries depends on the peer and on the host's time, so a run
 * with one is not repeatable.
 *
 * <p>A peer that goes away is a cable pulled out: what the guest sends is lost from then on, and
 * nothing comes any more. One that does not read is waited for, and after {@value #PATIENCE} ns
 * without a byte read it counts as gone, so that no guest hangs for ever.
 */
public final class SocketLine implements SerialConnection {
  private static final int CAPACITY = 1 << 16;
  private static final long PATIENCE = 10_000_000_000L;
  private static final long FAREWELL = 2_000_000_000L;
  private static final int CHUNK = 4096;

  private final SocketChannel channel;
  private final long patience;
  private final Runnable wakeIdle;
  private final Consumer<String> lost;
  private final ByteRing incoming = new ByteRing(CAPACITY);
  private final ByteRing outgoing = new ByteRing(CAPACITY);
  private final Thread writer;
  private volatile boolean released;
  private boolean gone; // touched by the machine's thread alone

  SocketLine(SocketChannel channel, long patience, Runnable wakeIdle, Consumer<String> lost) {
    this.channel = channel;
    this.patience = patience;
    this.wakeIdle = wakeIdle;
    this.lost = lost;
    Thread.ofPlatform().daemon().name("serial-reader").start(this::readAll);
    writer = Thread.ofPlatform().daemon().name("serial-writer").start(this::writeAll);
  }

  /**
   * A line on a connected socket.
   *
   * @param wakeIdle lets a machine go on that waits while its guest is idle
   * @param lost told in one sentence when the guest's bytes are lost from then on
   */
  public static SocketLine of(SocketChannel channel, Runnable wakeIdle, Consumer<String> lost) {
    return new SocketLine(channel, PATIENCE, wakeIdle, lost);
  }

  @Override
  public SerialLine line() {
    return new SerialLine(this::send, this::next);
  }

  private void send(int b) {
    if (gone) {
      return;
    }
    try {
      if (!outgoing.put((byte) b, patience)) {
        gone = true;
        if (released) {
          return;
        }
        lost.accept(
            "the peer of the second serial port is gone or does not read; what the guest sends"
                + " there is lost from now on");
      }
    } catch (InterruptedException e) {
      gone = true;
      Thread.currentThread().interrupt();
    }
  }

  private int next() {
    int b = incoming.poll();
    return switch (b) {
      case ByteRing.EMPTY -> ConsoleSource.NONE_NOW;
      case ByteRing.CLOSED -> ConsoleSource.END;
      default -> b;
    };
  }

  private void readAll() {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    try {
      while (channel.read(buffer.clear()) >= 0) {
        buffer.flip();
        wakeIdle.run();
        while (buffer.hasRemaining()) {
          if (!incoming.put(buffer.get(), Long.MAX_VALUE)) {
            return;
          }
        }
        wakeIdle.run();
      }
    } catch (IOException e) {
      // A connection that breaks has no more bytes.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      incoming.close();
    }
  }

  private void writeAll() {
    byte[] chunk = new byte[CHUNK];
    try {
      for (int length; (length = outgoing.take(chunk)) >= 0; ) {
        ByteBuffer buffer = ByteBuffer.wrap(chunk, 0, length);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    } catch (IOException e) {
      // The next byte that the guest sends finds the queue closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      outgoing.close();
    }
  }

  @Override
  public void release() {
    released = true;
    outgoing.close();
  }

  @Override
  public void close() throws IOException {
    outgoing.close();
    incoming.close();
    try {
      // The writer ends when it has handed over what is left.
      writer.join(java.time.Duration.ofNanos(FAREWELL));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    channel.close();
  }
}
