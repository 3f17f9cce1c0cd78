package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.OptionTable;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** {@code create}: a new image, perhaps over a backing file. */
final class CreateCommand implements ImgCommand {
  @Override
  public int run(Tool tool, List<String> words) {
    CommonOptions options =
        new CommonOptions(
            tool, words, ":F:b:f:ho:qu", CommonOptions.HELP, CommonOptions.OBJECT_OPTION);
    Optional<String> backing = Optional.empty();
    Optional<String> backingFormat = Optional.empty();
    boolean unsafe = false;
    for (int c = options.next(); c >= 0; c = options.next()) {
      switch (c) {
        case 'b' -> backing = Optional.of(options.argument());
        case 'F' -> backingFormat = Optional.of(options.argument());
        case 'u' -> unsafe = true;
        default -> throw new IllegalStateException("option " + c);
      }
    }
    String format = options.format().orElse("raw");
    List<String> operands = options.operands();
    Optional<String> list = options.list();
    if (list.filter(OptionValues::asksForHelp).isPresent()) {
      return help(tool, format, operands.stream().findFirst());
    }
    if (operands.isEmpty()) {
      throw tool.usage("Expecting image file name");
    }
    String name = operands.getFirst();
    Optional<Long> size = size(tool, operands);
    NewImage image = new NewImage(name, format);
    try {
      image.decide(list, size, backing, backingFormat, unsafe);
      tool.print(options.quiet(), image.announcement());
      create(name, format, image.values());
      return 0;
    } catch (RefusedException e) {
      throw tool.failure(name, e);
    }
  }

  private static Optional<Long> size(Tool tool, List<String> operands) {
    if (operands.size() < 2) {
      return Optional.empty();
    }
    Optional<Long> size = ByteCount.read(tool, "image size", operands.get(1));
    if (size.isEmpty()) {
      throw new ToolExit(1);
    }
    if (operands.size() > 2) {
      throw tool.usage("Unexpected argument: " + operands.get(2));
    }
    return size;
  }

  private static void create(String name, String format, OptionValues values)
      throws RefusedException {
    try (DiskImage image =
        DiskImage.create(Path.of(FileName.path(name)), CreateValues.options(format, values))) {
      assert image.size() >= 0;
    } catch (ImageException e) {
      throw new RefusedException(Reason.of(e));
    }
  }

  /** Prints the options of a format; with a name, those of the file, too. */
  static int help(Tool tool, String format, Optional<String> name) {
    if (!FormatOptions.known(format)) {
      throw tool.failure("Unknown file format '" + format + "'");
    }
    Optional<OptionTable> table = FormatOptions.create(format);
    if (table.isEmpty()) {
      throw tool.failure("Format driver '" + format + "' does not support image creation");
    }
    if (name.isEmpty()) {
      tool.print("Supported " + format + " options:\n" + table.get().help());
      if (!format.equals("file")) {
        tool.print(
            "\nThe protocol level may support further options.\n"
                + "Specify the target filename to include those options.\n");
      }
      return 0;
    }
    try {
      FileName.requireFile(name.get());
    } catch (RefusedException e) {
      throw tool.failure(String.valueOf(e.getMessage()));
    }
    tool.print("Supported options:\n" + table.get().append(FormatOptions.file()).help());
    return 0;
  }
}
