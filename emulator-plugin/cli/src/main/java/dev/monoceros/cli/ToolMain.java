package dev.monoceros.cli;

import dev.monoceros.cli.img.ImgTool;
import dev.monoceros.cli.io.IoTool;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.io.HostFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * The process of {@code monoceros img} and {@code monoceros io}, which start without anything that
 * a machine needs.
 */
public final class ToolMain {
  private static final String TRAIN = "train";
  private static final int FAILED = 1;

  private ToolMain() {}

  /**
   * Runs one command and ends the JVM with its exit code. It is halted, because nothing waits to be
   * shut down; only the training ends in the ordinary way, at which its cache is written.
   *
   * @param arguments {@code img} or {@code io}, what messages call the tool, and its own arguments;
   *     or {@code train}
   */
  public static void main(String[] arguments) throws IOException {
    prepare();
    if (arguments[0].equals(TRAIN)) {
      ToolTraining.run();
      return;
    }
    Runtime.getRuntime().halt(run(arguments[0], Tool.ofProcess(arguments[1]), words(arguments, 2)));
  }

  /** Nearly every command opens a file; what that needs is loaded beside the rest. */
  private static void prepare() {
    Thread.ofPlatform().daemon().start(HostFile::prepare);
  }

  /** A view of the words from the one numbered {@code from} on. */
  static List<String> words(String[] all, int from) {
    return Arrays.asList(all).subList(from, all.length);
  }

  /** Runs one command of the tool {@code img} or {@code io}. */
  static int run(String which, Tool tool, List<String> arguments) {
    try {
      return dispatch(which, tool, arguments);
    } catch (UncheckedIOException e) {
      // A standard stream is closed; there is nobody left to tell.
      return FAILED;
    } catch (RuntimeException | Error e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      tool.error("this is a bug of Monoceros: " + trace);
      return FAILED;
    }
  }

  private static int dispatch(String which, Tool tool, List<String> arguments) {
    return switch (which) {
      case "img" -> ImgTool.run(tool, arguments);
      case "io" -> IoTool.run(tool, arguments);
      default -> throw new IllegalArgumentException(which);
    };
  }
}
