package dev.monoceros.cli.io;

import java.io.IOException;

/** Where lines of commands come from. */
interface LineSource extends AutoCloseable {
  /** The next line, after a prompt has been shown, or null at the end. */
  String next() throws IOException;

  @Override
  void close() throws IOException;
}
