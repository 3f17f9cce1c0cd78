package dev.monoceros.cli.directory;

import dev.monoceros.cli.console.ChunkReader;
import dev.monoceros.cli.report.Digests;
import dev.monoceros.cli.report.ScriptUse;
import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The command's standard input, as lines for the guest's terminal driver in canonical mode (the
 * agent's settings of ttyS1): bytes that mean something to it go after Ctrl-V, a Ctrl-D hands over
 * what there is of a line, and one that follows nothing is the end.
 *
 * <p>The guest asks at times that follow from the run alone, and as long as the host answers within
 * a second it waits for that, so the run repeats. From the first time on that it does not, nobody
 * waits any more: a command that reads nothing must not wait for a pipe where nothing is written.
 */
final class StandardInput implements ConsoleSource {
  private static final int END_OF_FILE = 0x04;
  private static final int LITERAL_NEXT = 0x16;

  /** A quarter of what the driver takes without the end of a line (N_TTY_BUF_SIZE). */
  private static final int LONGEST_LINE = 1024;

  private static final long PATIENCE_MILLIS = 1000;

  private final ChunkReader reader;
  private final Runnable late;
  private final MessageDigest digest = Digests.sha256();
  private volatile boolean impatient;
  private long taken;
  private int inLine;
  private int quoted = NONE_NOW;
  private boolean closed;

  /**
   * An input.
   *
   * @param late told once, on the machine's thread, when the host did not answer in time
   */
  StandardInput(InputStream in, Runnable late) {
    this.reader = new ChunkReader(in, "standard-input");
    this.late = late;
  }

  @Override
  public int next() {
    if (quoted >= 0) {
      int b = quoted;
      quoted = NONE_NOW;
      return b;
    }
    if (inLine >= LONGEST_LINE) {
      inLine = 0;
      return END_OF_FILE;
    }
    int b = read();
    if (b == NONE_NOW && inLine > 0) {
      inLine = 0;
      return END_OF_FILE;
    }
    return switch (b) {
      case NONE_NOW -> NONE_NOW;
      case END -> close();
      default -> encoded(b);
    };
  }

  /** The rest of a line, if there is one; then the end. */
  private int close() {
    boolean rest = inLine > 0;
    if (!rest && closed) {
      return END;
    }
    closed = !rest;
    inLine = 0;
    return END_OF_FILE;
  }

  private int encoded(int b) {
    digest.update((byte) b);
    taken++;
    inLine = b == '\n' ? 0 : inLine + 1;
    if (b == END_OF_FILE || b == LITERAL_NEXT) {
      quoted = b;
      return LITERAL_NEXT;
    }
    return b;
  }

  private int read() {
    if (!reader.await(impatient ? 0 : PATIENCE_MILLIS) && !impatient) {
      impatient = true;
      late.run();
    }
    int b = reader.next();
    if (b >= 0) {
      return b;
    }
    return reader.atEnd() ? END : NONE_NOW;
  }

  /** Lets a machine that waits go on, because it is to stop; from any thread. */
  void release() {
    reader.release();
  }

  /** Whether the host's delays have not shaped the run. */
  boolean repeatable() {
    return !impatient;
  }

  /** What the guest has taken, when it takes no more. */
  ScriptUse use() {
    return new ScriptUse(taken, HexFormat.of().formatHex(digest.digest()));
  }
}
