package dev.monoceros.tests.support;

import dev.monoceros.machine.chipset.ConsoleSink;
import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Both ends of a serial line: keeps what the guest sends, and sends each reply once the guest has
 * said what the reply waits for. Depends on nothing but the guest, so runs with it repeat.
 */
public final class Dialogue implements ConsoleSink, ConsoleSource {
  private record Reply(byte[] cue, byte[] bytes) {}

  private final Deque<Reply> replies = new ArrayDeque<>();
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private int listeningFrom;
  private byte[] sending = {};
  private int sent;

  private Dialogue() {}

  /** One without replies. */
  public static Dialogue silent() {
    return new Dialogue();
  }

  /** Adds bytes that are sent as soon as the guest takes them, after the replies before. */
  public Dialogue send(byte[] bytes) {
    return reply("", bytes);
  }

  /** Adds bytes that are sent once the guest has said {@code cue} after the reply before. */
  public Dialogue reply(String cue, byte[] bytes) {
    replies.add(new Reply(cue.getBytes(StandardCharsets.US_ASCII), bytes.clone()));
    return this;
  }

  @Override
  public void write(int b) {
    heard.write(b);
  }

  @Override
  public int next() {
    while (sent == sending.length) {
      if (replies.isEmpty()) {
        return END;
      }
      if (!heardCue(replies.getFirst().cue())) {
        return NONE_NOW;
      }
      listeningFrom = heard.size();
      sending = replies.removeFirst().bytes();
      sent = 0;
    }
    return sending[sent++] & 0xff;
  }

  private boolean heardCue(byte[] cue) {
    String said =
        new String(
            heard.toByteArray(),
            listeningFrom,
            heard.size() - listeningFrom,
            StandardCharsets.ISO_8859_1);
    return said.contains(new String(cue, StandardCharsets.ISO_8859_1));
  }

  /** All that the guest sent. */
  public byte[] heard() {
    return heard.toByteArray();
  }
}
