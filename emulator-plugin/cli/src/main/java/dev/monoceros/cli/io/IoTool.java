package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.cli.tool.TraceOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code monoceros io}, a drop-in for {@code qemu-io} 7.2. */
public final class IoTool {
  private static final String SHORT_OPTIONS = "hVc:d:f:rsnCmki:t:T:U";
  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;

  private static final List<LongOption> LONG_OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.flag("version", 'V'),
          LongOption.valued("cmd", 'c'),
          LongOption.valued("format", 'f'),
          LongOption.flag("read-only", 'r'),
          LongOption.flag("snapshot", 's'),
          LongOption.flag("nocache", 'n'),
          LongOption.flag("copy-on-read", 'C'),
          LongOption.flag("misalign", 'm'),
          LongOption.flag("native-aio", 'k'),
          LongOption.valued("aio", 'i'),
          LongOption.valued("discard", 'd'),
          LongOption.valued("cache", 't'),
          LongOption.valued("trace", 'T'),
          LongOption.flag("force-share", 'U'),
          LongOption.valued("object", OBJECT),
          LongOption.flag("image-opts", IMAGE_OPTS));

  private final Tool tool;
  private final Host host;
  private final List<String> commandLines = new ArrayList<>();
  private final OpenRequest.Builder request = new OpenRequest.Builder();
  private boolean imageOptions;

  private IoTool(Tool tool, Host host) {
    this.tool = tool;
    this.host = host;
  }

  /**
   * Runs the tool.
   *
   * @return its exit code: 1 if any command failed
   */
  public static int run(Tool tool, List<String> arguments) {
    return run(tool, new ProcessHost(tool.nanos()), arguments);
  }

  static int run(Tool tool, Host host, List<String> arguments) {
    try {
      try {
        return new IoTool(tool, host).run(arguments);
      } finally {
        tool.flush();
      }
    } catch (ToolExit e) {
      return e.code();
    } catch (UncheckedIOException e) {
      // Nobody reads what is printed.
      return 1;
    }
  }

  private int run(List<String> arguments) {
    Optional<String> name = options(arguments);
    Output out = new Output(tool);
    Session session = new Session(out, host, imageOptions, tool.objects().throttleGroups());
    try {
      if (name.isPresent() && !open(session, name.get())) {
        return 1;
      }
      boolean done = commands(session, new Interpreter(session, new Commands(), tool.posix()));
      session.close();
      return done ? 0 : 1;
    } finally {
      out.flush();
    }
  }

  private boolean open(Session session, String name) {
    if (!imageOptions) {
      return Opener.open(session, request.build(Optional.of(name)));
    }
    request.options(OptionTexts.explicit(name, session.out()));
    return Opener.open(session, request.build(Optional.empty()));
  }

  /** All commands, of the command line or else of standard input; false if one failed. */
  private boolean commands(Session session, Interpreter interpreter) {
    boolean done = true;
    for (String line : commandLines) {
      if (!session.ended()) {
        done &= interpreter.run(line);
      }
    }
    if (!commandLines.isEmpty()) {
      return done;
    }
    try (LineSource lines = lines(session)) {
      String line;
      while (!session.ended() && (line = lines.next()) != null) {
        done &= interpreter.run(line);
      }
    } catch (IOException e) {
      session.out().error("cannot read commands: " + e.getMessage());
      return false;
    }
    return done;
  }

  private LineSource lines(Session session) throws IOException {
    String prompt = tool.name() + "> ";
    return host.interactive()
        ? TerminalLines.open(session.out(), prompt, new Commands().names())
        : new StreamLines(tool.in(), session.out(), prompt);
  }

  /** Takes the options; the operand is the image. */
  private Optional<String> options(List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(tool.name());
    words.addAll(arguments);
    Getopt getopt =
        new Getopt(
            words,
            SHORT_OPTIONS,
            LONG_OPTIONS,
            tool.posix(),
            message -> tool.errorText(message + "\n"));
    int option;
    while ((option = getopt.next()) != Getopt.END) {
      take(option, getopt.argument());
    }
    List<String> operands = getopt.operands();
    if (operands.size() > 1) {
      throw usage(1);
    }
    if (request.hasFormat() && imageOptions) {
      throw tool.failure("--image-opts and -f are mutually exclusive");
    }
    return operands.stream().findFirst();
  }

  private void take(int option, String value) {
    switch (option) {
      case 'h' -> throw usage(0);
      case 'V' -> {
        tool.print(IoUsage.version(tool.name()));
        throw new ToolExit(0);
      }
      case 'c' -> commandLines.add(value);
      case 'f' -> request.format(value);
      case 'm' -> {
        // Buffers are aligned as they come; without O_DIRECT nothing depends on it.
      }
      case 'T' -> TraceOption.accept(tool, value);
      case OBJECT -> ObjectOption.accept(tool, value);
      case IMAGE_OPTS -> imageOptions = true;
      case Getopt.UNKNOWN -> throw usage(1);
      default -> {
        Optional<String> wrong = request.take((char) option, value);
        if (wrong.isPresent()) {
          throw tool.failure(wrong.get());
        }
      }
    }
  }

  private ToolExit usage(int code) {
    tool.print(IoUsage.text(tool.name()));
    return new ToolExit(code);
  }
}
