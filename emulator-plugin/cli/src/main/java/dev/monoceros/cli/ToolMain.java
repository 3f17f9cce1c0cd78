package dev.monoceros.cli;

import dev.monoceros.cli.img.ImgTool;
import dev.monoceros.cli.io.IoTool;
import dev.monoceros.cli.tool.Tool;
import java.util.Arrays;
import java.util.List;

/**
 * The process of {@code monoceros img} and {@code monoceros io}, which start without anything that
 * a machine needs.
 */
public final class ToolMain {
  private ToolMain() {}

  /**
   * Runs one command and ends the JVM with its exit code.
   *
   * @param arguments {@code img} or {@code io}, what messages call the tool, and its own arguments
   */
  public static void main(String[] arguments) {
    List<String> own = Arrays.asList(arguments).subList(2, arguments.length);
    Runtime.getRuntime().halt(run(arguments[0], Tool.ofProcess(arguments[1]), own));
  }

  /** Runs one command of the tool {@code img} or {@code io}. */
  static int run(String which, Tool tool, List<String> arguments) {
    return switch (which) {
      case "img" -> ImgTool.run(tool, arguments);
      case "io" -> IoTool.run(tool, arguments);
      default -> throw new IllegalArgumentException(which);
    };
  }
}
