package dev.monoceros.machine.chipset;

/**
 * Where the bytes that the guest receives on its serial port come from. Asked only when the guest
 * can take a byte, and only at virtual times that follow from what the guest did.
 *
 * <p>So a source that always has its next byte at hand (a script, a recording) gives the same run
 * every time.
 */
@FunctionalInterface
public interface ConsoleSource {
  /** No byte now; ask again later. */
  int NONE_NOW = -1;

  /** No byte ever again. */
  int END = -2;

  /** A break: the line held low for longer than a character. */
  int BREAK = -3;

  /**
   * The next byte, 0 to 255, or {@link #BREAK}, {@link #NONE_NOW} or {@link #END}. Must not block.
   */
  int next();

  /** A source without bytes. */
  static ConsoleSource empty() {
    return () -> END;
  }
}
