package dev.monoceros.cli.console;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** What a serial port besides the console is connected to, as the user names it. */
public sealed interface SerialTarget {
  /** The same in the words of the option. */
  String text();

  /** Nothing: the guest has no such port. */
  record None() implements SerialTarget {
    @Override
    public String text() {
      return "none";
    }
  }

  /**
   * Files: they depend on nobody, so the run repeats.
   *
   * @param output takes what the guest sends; emptied first
   * @param input what it receives, if anything
   */
  record Files(Path output, Optional<Path> input) implements SerialTarget {
    @Override
    public String text() {
      return "file:" + doubled(output) + input.map(file -> ",input=" + doubled(file)).orElse("");
    }

    private static String doubled(Path file) {
      return file.toString().replace(",", ",,");
    }
  }

  /** A socket, on which somebody else listens, or we do. */
  sealed interface Socket extends SerialTarget {
    /** Where. */
    SocketAddress address();

    /** Whether we listen, for one peer. */
    boolean server();
  }

  /** A socket in the file system. */
  record Unix(Path path, boolean server) implements Socket {
    @Override
    public SocketAddress address() {
      return UnixDomainSocketAddress.of(path);
    }

    @Override
    public String text() {
      return "unix:" + path.toString().replace(",", ",,") + (server ? ",server=on" : "");
    }
  }

  /** A TCP socket. */
  record Tcp(String host, int port, boolean server) implements Socket {
    @Override
    public SocketAddress address() {
      return new InetSocketAddress(host, port);
    }

    @Override
    public String text() {
      String name = host.contains(":") ? "[" + host + "]" : host;
      return "tcp:" + name + ":" + port + (server ? ",server=on" : "");
    }
  }
}
