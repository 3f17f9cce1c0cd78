package dev.monoceros.cli.console;

import dev.monoceros.cli.report.Digests;
import dev.monoceros.cli.report.ScriptUse;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Standard input that is no terminal: a script. The guest's UART asks for a byte at virtual times
 * that follow from the run alone, so the answer must not depend on how fast the host delivers:
 * {@link #next} waits until a byte or the end of the stream is there.
 */
public final class ScriptInput implements ConsoleInput {
  private static final long HINT_AFTER_MILLIS = 2000;
  private static final long LONG = 60_000;

  private final ChunkReader reader;
  private final Runnable waitingLong;
  private final MessageDigest digest = Digests.sha256();
  private boolean hinted;
  private long taken;

  /**
   * A script.
   *
   * @param waitingLong told once when the guest has waited for some seconds
   */
  public ScriptInput(InputStream in, Runnable waitingLong) {
    this.reader = new ChunkReader(in, "console-script");
    this.waitingLong = waitingLong;
  }

  @Override
  public int next() {
    while (!reader.await(hinted ? LONG : HINT_AFTER_MILLIS)) {
      if (!hinted) {
        hinted = true;
        waitingLong.run();
      }
    }
    int b = reader.next();
    if (b < 0) {
      return reader.atEnd() ? END : NONE_NOW;
    }
    digest.update((byte) b);
    taken++;
    return b;
  }

  /** What the guest has taken, when it takes no more. */
  public ScriptUse use() {
    return new ScriptUse(taken, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public void release() {
    reader.release();
  }
}
