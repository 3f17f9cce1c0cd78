package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.Bitmaps;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.io.ErrorKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code bitmap}: one or more changes of a persistent bitmap, in the order given. */
final class BitmapCommand implements ImgCommand {
  private static final int ADD = CommonOptions.OWN;
  private static final int REMOVE = CommonOptions.OWN + 1;
  private static final int CLEAR = CommonOptions.OWN + 2;
  private static final int ENABLE = CommonOptions.OWN + 3;
  private static final int DISABLE = CommonOptions.OWN + 4;
  private static final int MERGE = CommonOptions.OWN + 5;

  /**
   * One change.
   *
   * @param source bitmap to merge from
   */
  private record Action(int kind, String source) {}

  private final List<Action> actions = new ArrayList<>();
  private Optional<String> sourceFile = Optional.empty();
  private Optional<String> sourceFormat = Optional.empty();
  private long granularity;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    CommonOptions options =
        new CommonOptions(
            tool,
            words,
            ":b:f:F:g:hU",
            CommonOptions.HELP,
            CommonOptions.OBJECT_OPTION,
            CommonOptions.IMAGE_OPTS_OPTION,
            LongOption.flag("add", ADD),
            LongOption.flag("remove", REMOVE),
            LongOption.flag("clear", CLEAR),
            LongOption.flag("enable", ENABLE),
            LongOption.flag("disable", DISABLE),
            LongOption.valued("merge", MERGE),
            LongOption.valued("granularity", 'g'),
            LongOption.valued("source-file", 'b'),
            LongOption.valued("source-format", 'F'));
    for (int c = options.next(); c >= 0; c = options.next()) {
      switch (c) {
        case 'b' -> sourceFile = Optional.of(options.argument());
        case 'F' -> sourceFormat = Optional.of(options.argument());
        case 'g' -> granularity = granularity(tool, options.argument());
        default -> actions.add(new Action(c, c == MERGE ? options.argument() : ""));
      }
    }
    requireSense(tool);
    List<String> operands = options.operands();
    if (operands.size() != 2) {
      throw tool.failure("Expecting filename and bitmap name");
    }
    try (DiskImage image = options.image(operands.getFirst()).open(tool, ImageName.forWriting())) {
      if (sourceFile.isEmpty()) {
        return doAll(tool, image, image, operands.get(1));
      }
      ImageName other = new ImageName(sourceFile.get(), sourceFormat, false);
      try (DiskImage source = other.open(tool, ImageName.forReading())) {
        return doAll(tool, image, source, operands.get(1));
      }
    }
  }

  private static long granularity(Tool tool, String text) {
    return ByteCount.read(tool, "granularity", text).orElseThrow(() -> new ToolExit(1));
  }

  private void requireSense(Tool tool) {
    if (actions.isEmpty()) {
      throw tool.failure(
          "Need at least one of --add, --remove, --clear, --enable, --disable, or --merge");
    }
    if (granularity != 0 && !has(ADD)) {
      throw tool.failure("granularity only supported with --add");
    }
    if (sourceFormat.isPresent() && sourceFile.isEmpty()) {
      throw tool.failure("-F only supported with -b");
    }
    if (sourceFile.isPresent() && !has(MERGE)) {
      throw tool.failure("Merge bitmap source file only supported with --merge");
    }
  }

  private boolean has(int kind) {
    return actions.stream().anyMatch(a -> a.kind() == kind);
  }

  private int doAll(Tool tool, DiskImage image, DiskImage source, String name) {
    for (Action action : actions) {
      if (image.format() != ImageFormat.QCOW2) {
        throw failed(tool, action, name, withoutBitmaps(action, name));
      }
      try {
        act(action, image.bitmaps(), source, name);
      } catch (ImageException e) {
        boolean refused = action.kind() == ADD && e.kind() == ErrorKind.UNSUPPORTED;
        String where = refused ? "Can't make bitmap '" + name + "' persistent in '#block000': " : "";
        throw failed(tool, action, name, where + Reason.of(e));
      }
    }
    return 0;
  }

  private static ToolExit failed(Tool tool, Action action, String name, String why) {
    return tool.failure("Operation " + verb(action) + " on bitmap " + name + " failed: " + why);
  }

  /** QEMU calls a node without a name by a number that it makes up. */
  private static String withoutBitmaps(Action action, String name) {
    return action.kind() == ADD
        ? "Can't store persistent bitmaps to #block000: Operation not supported"
        : "Dirty bitmap '" + name + "' not found";
  }

  private void act(Action action, Bitmaps bitmaps, DiskImage source, String name)
      throws ImageException {
    switch (action.kind()) {
      case ADD -> bitmaps.add(name, granularity, true);
      case REMOVE -> bitmaps.remove(name);
      case CLEAR -> bitmaps.clear(name);
      case ENABLE -> bitmaps.enable(name);
      case DISABLE -> bitmaps.disable(name);
      case MERGE -> bitmaps.merge(name, source, action.source());
      default -> throw new IllegalStateException("option " + action.kind());
    }
  }

  private static String verb(Action action) {
    return switch (action.kind()) {
      case ADD -> "add";
      case REMOVE -> "remove";
      case CLEAR -> "clear";
      case ENABLE -> "enable";
      case DISABLE -> "disable";
      default -> "merge";
    };
  }
}
