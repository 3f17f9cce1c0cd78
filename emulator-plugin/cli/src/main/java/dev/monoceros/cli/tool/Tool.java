package dev.monoceros.cli.tool;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The process that a tool runs in: its name, its streams, its environment and its clocks.
 *
 * @param name what messages start with, {@code qemu-img} for the wrapper of that name
 * @param in standard input
 * @param out standard output, buffered; {@link #error} flushes it first, so that both streams are
 *     in order where they go to one place
 * @param err standard error
 * @param environment its variables
 * @param clock date and time
 * @param nanos a monotonic clock in ns
 * @param objects what {@code --object} made
 */
public record Tool(
    String name,
    InputStream in,
    OutputStream out,
    OutputStream err,
    Map<String, String> environment,
    InstantSource clock,
    LongSupplier nanos,
    MadeObjects objects) {
  private static final int BUFFER = 1 << 16;

  /** A process that starts. */
  public Tool(
      String name,
      InputStream in,
      OutputStream out,
      OutputStream err,
      Map<String, String> environment,
      InstantSource clock,
      LongSupplier nanos) {
    this(name, in, out, err, environment, clock, nanos, new MadeObjects());
  }

  /** This process. */
  public static Tool ofProcess(String name) {
    return new Tool(
        name,
        new FileInputStream(FileDescriptor.in),
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER),
        new FileOutputStream(FileDescriptor.err),
        System.getenv(),
        InstantSource.system(),
        System::nanoTime);
  }

  /** Text for standard output, as it is. */
  public void print(String text) {
    write(out, text);
  }

  /** Text for standard output unless {@code quiet}. */
  public void print(boolean quiet, String text) {
    if (!quiet) {
      print(text);
    }
  }

  /** {@code NAME: message} on standard error, QEMU's {@code error_report}. */
  public void error(String message) {
    errorText(name + ": " + message + "\n");
  }

  /** {@code NAME: warning: message} on standard error. */
  public void warning(String message) {
    error("warning: " + message);
  }

  /** Text for standard error, as it is. */
  public void errorText(String text) {
    flush();
    write(err, text);
  }

  /** A mistake in the command line; throw what is returned. */
  public ToolExit usage(String message) {
    error(message);
    errorText("Try '" + name + " --help' for more information\n");
    return new ToolExit(1);
  }

  /** Reports a failure; throw what is returned. */
  public ToolExit failure(String message) {
    error(message);
    return new ToolExit(1);
  }

  /** Reports {@code about: why}; throw what is returned. */
  public ToolExit failure(String about, RefusedException why) {
    error(about + ": " + why.getMessage());
    errorText(why.hint());
    return new ToolExit(1);
  }

  /** Reports why; throw what is returned. */
  public ToolExit failure(RefusedException why) {
    error(String.valueOf(why.getMessage()));
    errorText(why.hint());
    return new ToolExit(1);
  }

  /** An option is unknown or lacks its value: QEMU's words for it; throw what is returned. */
  public ToolExit badOption(Getopt options, int returned) {
    return returned == Getopt.MISSING
        ? usage("missing argument for option '" + options.lastWord() + "'")
        : usage("unrecognized option '" + options.lastWord() + "'");
  }

  /** Standard output goes out. */
  public void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The environment forbids options after operands. */
  public boolean posix() {
    return environment.containsKey("POSIXLY_CORRECT");
  }

  private static void write(OutputStream to, String text) {
    try {
      to.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
