package dev.monoceros.cli.console;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the connection of a serial port on a socket. */
public final class SerialSockets {
  private SerialSockets() {}

  /**
   * Connects, or listens and waits for one peer. As in QEMU, a socket in the file system that is in
   * the way of a new one is removed, and nothing else is.
   *
   * @param waiting runs before the wait for a peer
   */
  public static SocketChannel connect(SerialTarget.Socket target, Runnable waiting)
      throws IOException {
    if (!target.server()) {
      SocketChannel channel = SocketChannel.open(family(target));
      try {
        channel.connect(target.address());
        return channel;
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }
    if (target instanceof SerialTarget.Unix unix) {
      removeSocket(unix.path());
    }
    try (ServerSocketChannel server = ServerSocketChannel.open(family(target))) {
      server.bind(target.address(), 1);
      waiting.run();
      return server.accept();
    } finally {
      if (target instanceof SerialTarget.Unix unix) {
        removeSocket(unix.path());
      }
    }
  }

  private static StandardProtocolFamily family(SerialTarget.Socket target) {
    return switch (target) {
      case SerialTarget.Unix ignored -> StandardProtocolFamily.UNIX;
      case SerialTarget.Tcp tcp ->
          tcp.host().contains(":") ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    };
  }

  private static void removeSocket(Path path) throws IOException {
    boolean socket =
        Files.exists(path)
            && (Integer) Files.getAttribute(path, "unix:mode") >>> 12 == 0xc; // S_IFSOCK
    if (socket) {
      Files.delete(path);
    }
  }
}
