package dev.monoceros.qcow.io;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.util.Optional;

/** An open channel on a file of the host, and the locks that go with it. */
sealed interface HeldFile permits FileLease, NativeLease {
  /** The channel of the moment. */
  FileChannel channel() throws ClosedChannelException;

  /**
   * Replaces a channel that the JDK closed because its thread was interrupted in the middle of an
   * access; another holder may have replaced it already.
   */
  void reopen(FileChannel dead) throws IOException;

  /** The calls that Java has not, where this host has them. */
  Optional<NativeFile> nativeFile();

  /** Closes the channel and gives the locks back, unless others hold the same. */
  void release() throws IOException;
}
