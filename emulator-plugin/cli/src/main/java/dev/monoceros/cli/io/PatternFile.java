package dev.monoceros.cli.io;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** The bytes of a file, over and over: {@code write -s}. */
final class PatternFile implements Transfers.Source, AutoCloseable {
  private static final int BUFFER = 64 * 1024;

  private final String name;
  private final byte[] copy = new byte[BUFFER];
  private InputStream in;

  private PatternFile(String name) throws IOException {
    this.name = name;
    this.in = open();
  }

  /** Opens a file that has something in it; says so and returns null if there is none. */
  static PatternFile open(String name, long wanted, Output out) {
    PatternFile file;
    try {
      file = new PatternFile(name);
      file.in.mark(1);
      int first = wanted == 0 ? -1 : file.in.read();
      file.in.reset();
      if (first >= 0) {
        return file;
      }
      file.close();
    } catch (IOException e) {
      out.bareError(name + ": " + reason(e));
      return null;
    }
    out.bareError(name + ": file is empty");
    return null;
  }

  /** The C library's words, which the JDK puts behind the name, in parentheses. */
  private static String reason(IOException e) {
    String message = String.valueOf(e.getMessage());
    int open = message.lastIndexOf('(');
    return open < 0 || !message.endsWith(")")
        ? message
        : message.substring(open + 1, message.length() - 1);
  }

  private InputStream open() throws IOException {
    return new BufferedInputStream(new FileInputStream(name), BUFFER);
  }

  @Override
  public void fill(ByteBuffer target) throws RequestFailure {
    try {
      boolean wrapped = false;
      while (target.hasRemaining()) {
        int count = in.read(copy, 0, Math.min(copy.length, target.remaining()));
        if (count > 0) {
          target.put(copy, 0, count);
          wrapped = false;
        } else if (wrapped) {
          throw new RequestFailure(Errno.IO);
        } else {
          in.close();
          in = open();
          wrapped = true;
        }
      }
    } catch (IOException e) {
      throw new RequestFailure(Errno.IO);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
