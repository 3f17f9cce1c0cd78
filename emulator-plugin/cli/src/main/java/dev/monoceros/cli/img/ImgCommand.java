package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import java.io.IOException;
import java.util.List;

/** One command of qemu-img. */
interface ImgCommand {
  /**
   * Does it.
   *
   * @param words the command's name, then its arguments
   * @return the exit code
   * @throws ToolExit when what is wrong has been said
   * @throws IOException of a failure that the command says nothing better of
   */
  int run(Tool tool, List<String> words) throws IOException;
}
