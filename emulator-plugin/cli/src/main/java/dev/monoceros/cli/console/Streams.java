package dev.monoceros.cli.console;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The standard streams of a process.
 *
 * @param in where the guest's input comes from
 * @param out where the guest's output goes, unbuffered
 * @param err where our own words go
 * @param inIsTerminal whether somebody types there
 * @param errIsTerminal whether somebody reads there
 */
public record Streams(
    InputStream in,
    OutputStream out,
    PrintStream err,
    boolean inIsTerminal,
    boolean errIsTerminal) {
  /** A standard input that is known to have nothing. */
  public static final InputStream NOTHING = InputStream.nullInputStream();

  /** Those of this process. */
  public static Streams ofProcess() {
    return new Streams(
        isNull(0) ? NOTHING : new FileInputStream(FileDescriptor.in),
        new FileOutputStream(FileDescriptor.out),
        System.err,
        isTerminal(0),
        isTerminal(2));
  }

  /** Terminals live in /dev/pts or are called tty. */
  public static boolean isTerminal(int descriptor) {
    String target = target(descriptor);
    return target.startsWith("/dev/pts/")
        || target.startsWith("/dev/tty")
        || target.equals("/dev/console");
  }

  private static boolean isNull(int descriptor) {
    return target(descriptor).equals("/dev/null");
  }

  /** Linux names what a descriptor is open on. */
  private static String target(int descriptor) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }
}
