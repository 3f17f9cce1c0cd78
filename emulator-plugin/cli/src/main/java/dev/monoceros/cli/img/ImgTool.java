package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.cli.tool.TraceOption;
import dev.monoceros.qcow.ImageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tool as a whole: options before the command, and the commands by name. */
public final class ImgTool {
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.flag("version", 'V'),
          LongOption.valued("trace", 'T'));

  private ImgTool() {}

  /**
   * Runs one command line and flushes standard output.
   *
   * @param arguments what follows the name of the tool
   * @return the exit code
   */
  public static int run(Tool tool, List<String> arguments) {
    try {
      return dispatch(tool, arguments);
    } catch (ToolExit e) {
      return e.code();
    } catch (ImageException e) {
      tool.error(Reason.of(e));
      return 1;
    } catch (IOException e) {
      tool.error(e.getMessage() == null ? e.toString() : e.getMessage());
      return 1;
    } finally {
      tool.flush();
    }
  }

  private static int dispatch(Tool tool, List<String> arguments) throws IOException {
    if (arguments.isEmpty()) {
      throw tool.usage("Not enough arguments");
    }
    List<String> words = new ArrayList<>(arguments);
    words.addFirst(tool.name());
    Getopt options = new Getopt(words, "+:hVT:", OPTIONS, tool.posix(), tool::errorText);
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      switch (c) {
        case 'h' -> {
          return ImgHelp.print(tool);
        }
        case 'V' -> {
          return ImgHelp.version(tool);
        }
        case 'T' -> TraceOption.accept(tool, options.argument());
        default -> throw tool.badOption(options, c);
      }
    }
    List<String> command = options.operands();
    if (command.isEmpty()) {
      return 0;
    }
    String name = command.getFirst();
    return find(name)
        .orElseThrow(() -> tool.usage("Command not found: " + name))
        .run(tool, command);
  }

  /** Commands are made when asked for, so that a start loads the classes of one only. */
  private static Optional<ImgCommand> find(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "amend" -> new AmendCommand();
          case "bench" -> new BenchCommand();
          case "bitmap" -> new BitmapCommand();
          case "check" -> new CheckCommand();
          case "commit" -> new CommitCommand();
          case "compare" -> new CompareCommand();
          case "convert" -> new ConvertCommand();
          case "create" -> new CreateCommand();
          case "dd" -> new DdCommand();
          case "info" -> new InfoCommand();
          case "map" -> new MapCommand();
          case "measure" -> new MeasureCommand();
          case "rebase" -> new RebaseCommand();
          case "resize" -> new ResizeCommand();
          case "snapshot" -> new SnapshotCommand();
          default -> null;
        });
  }
}
