package dev.monoceros.machine;

import dev.monoceros.machine.ConsoleScript.Abort;
import dev.monoceros.machine.ConsoleScript.Break;
import dev.monoceros.machine.ConsoleScript.Expect;
import dev.monoceros.machine.ConsoleScript.Nmi;
import dev.monoceros.machine.ConsoleScript.PowerButton;
import dev.monoceros.machine.ConsoleScript.Resize;
import dev.monoceros.machine.ConsoleScript.Send;
import dev.monoceros.machine.ConsoleScript.Step;
import dev.monoceros.machine.ConsoleScript.Timeout;
import dev.monoceros.machine.chipset.ConsoleSink;
import dev.monoceros.machine.chipset.ConsoleSource;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
  private final Actions actions;
  private final List<Abort> aborts = new ArrayList<>();
  private final Deque<Integer> typing = new ArrayDeque<>();
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long patience = NEVER;
  private long deadline = NEVER;

  /** What a script does besides typing. */
  interface Actions {
    /** {@link ScriptedConsole#deadline} has become another. */
    void deadlineChanged();

    void pressPowerButton();

    void injectNmi();

    void resize(Resize step);

    /** The run is to end because of what the console said. */
    void abort(Abort reason);
  }

  /**
   * @param now ns of virtual time since the first power-on
   */
  ScriptedConsole(
      ConsoleScript script,
      ConsoleSink sink,
      ConsoleSource source,
      LongSupplier now,
      Actions actions) {
    this.steps = new ArrayDeque<>(script.steps());
    this.sink = sink;
    this.source = source;
    this.now = now;
    this.actions = actions;
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
            typing.add(b & 0xff);
          }
        }
        case Timeout timeout -> patience = timeout.nanos();
        case Abort abort -> aborts.add(abort);
        case Break ignored -> typing.add(BREAK);
        case PowerButton ignored -> actions.pressPowerButton();
        case Nmi ignored -> actions.injectNmi();
        case Resize resize -> actions.resize(resize);
        case Expect expect -> throw new AssertionError(expect);
      }
    }
    boolean limited = !steps.isEmpty() && patience < NEVER - now.getAsLong();
    deadline = limited ? now.getAsLong() + patience : NEVER;
    actions.deadlineChanged();
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
    if (aborts.isEmpty() && steps.isEmpty()) {
      return;
    }
    String all = line.toString(StandardCharsets.UTF_8);
    String said = CONTROL_SEQUENCE.matcher(all).replaceAll("");
    for (Abort abort : aborts) {
      if (abort.pattern().matcher(said).find()) {
        actions.abort(abort);
        return;
      }
    }
    meet(said);
  }

  private void meet(String said) {
    String text = said;
    while (steps.peek() instanceof Expect expect) {
      Matcher matcher = expect.pattern().matcher(text);
      if (!matcher.find()) {
        return;
      }
      // The next wait begins behind what this one found.
      text = text.substring(matcher.end());
      line.reset();
      line.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      steps.poll();
      advance();
    }
  }

  @Override
  public int next() {
    Integer typed = typing.poll();
    if (typed != null) {
      return typed;
    }
    return steps.isEmpty() ? source.next() : NONE_NOW;
  }
}
