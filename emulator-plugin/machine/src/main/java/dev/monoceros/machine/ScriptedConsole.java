package dev.monoceros.machine;

import dev.monoceros.machine.ConsoleScript.Expect;
import dev.monoceros.machine.ConsoleScript.Send;
import dev.monoceros.machine.ConsoleScript.Step;
import dev.monoceros.machine.ConsoleScript.Timeout;
import dev.monoceros.machine.chipset.ConsoleSink;
import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Plays a {@link ConsoleScript} between the guest's serial port and the console's two ends. When
 * the script is over, what is typed comes from the source behind.
 */
final class ScriptedConsole implements ConsoleSink, ConsoleSource {
  private static final long NEVER = Long.MAX_VALUE;
  private static final int LONGEST_LINE = 4096;

  /**
   * ECMA-48: what colours and moves (section 5.4), and messages to the terminal (section 5.6, which
   * systemd and shells send); a message may also end with BEL, and has not begun to be text before.
   */
  private static final Pattern CONTROL_SEQUENCE =
      Pattern.compile(
          "\u001b\\[[0-?]*[ -/]*[@-~]|\u001b[]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\\\|\u001b?$)");

  private final Deque<Step> steps;
  private final ConsoleSink sink;
  private final ConsoleSource source;
  private final LongSupplier now;
  private final Runnable deadlineChanged;
  private final Deque<Byte> typing = new ArrayDeque<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long patience = NEVER;
  private long deadline = NEVER;

  /**
   * @param now ns of virtual time since the first power-on
   * @param deadlineChanged runs when {@link #deadline} has become another
   */
  ScriptedConsole(
      ConsoleScript script,
      ConsoleSink sink,
      ConsoleSource source,
      LongSupplier now,
      Runnable deadlineChanged) {
    this.steps = new ArrayDeque<>(script.steps());
    this.sink = sink;
    this.source = source;
    this.now = now;
    this.deadlineChanged = deadlineChanged;
  }

  /** Begins; to be called when there is a clock. */
  void start() {
    advance();
  }

  /** When the current wait has lasted too long, ns of virtual time since the first power-on. */
  long deadline() {
    return deadline;
  }

  /** What is still waited for. */
  Optional<Expect> waiting() {
    return steps.peek() instanceof Expect expect ? Optional.of(expect) : Optional.empty();
  }

  /** Goes on to the next wait, or to the end. */
  private void advance() {
    while (steps.peek() != null && !(steps.peek() instanceof Expect)) {
      switch (steps.poll()) {
        case Send send -> {
          for (byte b : send.bytes()) {
            typing.add(b);
          }
        }
        case Timeout timeout -> patience = timeout.nanos();
        case Expect expect -> throw new AssertionError(expect);
      }
    }
    boolean limited = !steps.isEmpty() && patience < NEVER - now.getAsLong();
    deadline = limited ? now.getAsLong() + patience : NEVER;
    deadlineChanged.run();
  }

  @Override
  public void write(int b) {
    sink.write(b);
    if (b == '\n') {
      line.reset();
      return;
    }
    if (line.size() >= LONGEST_LINE) {
      line.reset();
    }
    if (b != '\r') {
      line.write(b);
      match();
    }
  }

  private void match() {
    while (steps.peek() instanceof Expect expect) {
      String all = line.toString(StandardCharsets.UTF_8);
      String text = CONTROL_SEQUENCE.matcher(all).replaceAll("");
      Matcher matcher = expect.pattern().matcher(text);
      if (!matcher.find()) {
        return;
      }
      // The next wait begins behind what this one found.
      String rest = text.substring(matcher.end());
      line.reset();
      line.writeBytes(rest.getBytes(StandardCharsets.UTF_8));
      steps.poll();
      advance();
    }
  }

  @Override
  public int next() {
    Byte typed = typing.poll();
    if (typed != null) {
      return typed & 0xff;
    }
    return steps.isEmpty() ? source.next() : NONE_NOW;
  }
}
