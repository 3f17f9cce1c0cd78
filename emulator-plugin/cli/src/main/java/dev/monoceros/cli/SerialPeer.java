package dev.monoceros.cli;

import dev.monoceros.cli.console.FileLine;
import dev.monoceros.cli.console.SerialConnection;
import dev.monoceros.cli.console.SerialSockets;
import dev.monoceros.cli.console.SerialTarget;
import dev.monoceros.cli.console.SocketLine;
import dev.monoceros.cli.exit.Failure;
import java.io.IOException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.function.Consumer;

/** Connects the second serial port as the user asked. */
final class SerialPeer {
  private SerialPeer() {}

  /**
   * Opens files, or connects a socket.
   *
   * @param wakeIdle lets a machine go on that waits while its guest is idle
   * @param failed told when a file can no longer be used
   * @throws Failure if it cannot be done; one sentence says why
   */
  static Optional<SerialConnection> connect(
      SerialTarget target, HostContext host, Runnable wakeIdle, Consumer<IOException> failed) {
    try {
      return switch (target) {
        case SerialTarget.None ignored -> Optional.empty();
        case SerialTarget.Files files -> Optional.of(FileLine.open(files, failed));
        case SerialTarget.Socket socket ->
            Optional.of(
                SocketLine.of(
                    SerialSockets.connect(
                        socket, () -> host.say("waiting for a connection to " + socket.text())),
                    wakeIdle,
                    host::say));
      };
    } catch (UnresolvedAddressException e) {
      throw Failure.host("--serial2: " + target.text() + ": the host name is not known", e);
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.host("--serial2: " + target.text() + ": " + e.getMessage(), e);
    }
  }
}
