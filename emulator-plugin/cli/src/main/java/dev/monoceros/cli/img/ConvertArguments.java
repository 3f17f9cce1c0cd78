package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.copy.ConvertOptions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The command line of {@code convert}, as far as it can be judged without looking at images. */
final class ConvertArguments {
  private static final int MAX_COROUTINES = 16;
  private static final int SECTOR = 512;

  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;
  private static final int TARGET_IMAGE_OPTS = 258;
  private static final int SALVAGE = 259;
  private static final int TARGET_IS_ZERO = 260;
  private static final int BITMAPS = 261;
  private static final int SKIP_BROKEN = 262;
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.valued("object", OBJECT),
          LongOption.flag("image-opts", IMAGE_OPTS),
          LongOption.flag("force-share", 'U'),
          LongOption.flag("target-image-opts", TARGET_IMAGE_OPTS),
          LongOption.flag("salvage", SALVAGE),
          LongOption.flag("target-is-zero", TARGET_IS_ZERO),
          LongOption.flag("bitmaps", BITMAPS),
          LongOption.flag("skip-broken-bitmaps", SKIP_BROKEN));

  private final Tool tool;
  private boolean copyRange;
  private boolean explicitSparse;

  Optional<String> format = Optional.empty();
  Optional<String> targetFormat = Optional.empty();
  Optional<String> backing = Optional.empty();
  Optional<String> backingFormat = Optional.empty();
  Optional<String> options = Optional.empty();
  Optional<SnapshotName> snapshot = Optional.empty();
  String cache = "unsafe";
  String sourceCache = "writeback";
  long minSparse = ConvertOptions.DEFAULT_MIN_SPARSE;
  long rateLimit;
  boolean compressed;
  boolean progress;
  boolean quiet;
  boolean skipCreate;
  boolean forceShare;
  boolean imageOptions;
  boolean targetImageOptions;
  boolean salvage;
  boolean targetIsZero;
  boolean bitmaps;
  boolean skipBroken;
  List<String> sources = List.of();
  String target;

  private ConvertArguments(Tool tool) {
    this.tool = tool;
  }

  /**
   * Reads the command line.
   *
   * @throws ToolExit if it is wrong, or asks for help
   */
  static ConvertArguments parse(Tool tool, List<String> words) {
    ConvertArguments arguments = new ConvertArguments(tool);
    Getopt getopt =
        new Getopt(
            words, ":hf:O:B:CcF:o:l:S:pt:T:qnm:WUr:", OPTIONS, tool.posix(), tool::errorText);
    for (int c = getopt.next(); c != Getopt.END; c = getopt.next()) {
      arguments.take(getopt, c);
    }
    arguments.check();
    arguments.names(getopt.operands());
    return arguments;
  }

  private void take(Getopt getopt, int c) {
    String text = getopt.argument();
    switch (c) {
      case 'h' -> {
        ImgHelp.print(tool);
        throw new ToolExit(0);
      }
      case 'f' -> format = Optional.of(text);
      case 'O' -> targetFormat = Optional.of(text);
      case 'B' -> backing = Optional.of(text);
      case 'F' -> backingFormat = Optional.of(text);
      case 'o' -> addOptions(text);
      case 'l' -> snapshot = Optional.of(SnapshotName.parse(tool, text));
      case 'S' -> minSparse = sparse(text);
      case 't' -> cache = text;
      case 'T' -> sourceCache = text;
      case 'm' -> coroutines(text);
      case 'r' -> rateLimit = rate(tool, text);
      case OBJECT -> ObjectOption.accept(tool, text);
      default -> {
        if (!flag(c)) {
          throw tool.badOption(getopt, c);
        }
      }
    }
  }

  private void addOptions(String text) {
    if (!OptionValues.isList(text)) {
      throw tool.failure("Invalid option list: " + text);
    }
    options = Optional.of(options.map(before -> before + "," + text).orElse(text));
  }

  private boolean flag(int c) {
    switch (c) {
      case 'C' -> copyRange = true;
      case 'c' -> compressed = true;
      case 'p' -> progress = true;
      case 'q' -> quiet = true;
      case 'n' -> skipCreate = true;
      case 'U' -> forceShare = true;
      case 'W' -> {
        // Writing in order is one of the orders that this allows.
      }
      case IMAGE_OPTS -> imageOptions = true;
      case TARGET_IMAGE_OPTS -> targetImageOptions = true;
      case SALVAGE -> salvage = true;
      case TARGET_IS_ZERO -> targetIsZero = true;
      case BITMAPS -> bitmaps = true;
      case SKIP_BROKEN -> skipBroken = true;
      default -> {
        return false;
      }
    }
    return true;
  }

  static long rate(Tool tool, String text) {
    return ByteCount.read(tool, "rate limit", text).orElseThrow(() -> new ToolExit(1));
  }

  private long sparse(String text) {
    long value =
        ByteCount.read(tool, "buffer size for sparse output", text)
            .orElseThrow(() -> new ToolExit(1));
    if (value % SECTOR != 0 || value > ConvertOptions.MAX_MIN_SPARSE) {
      throw tool.failure(
          "Invalid buffer size for sparse output specified. Valid sizes are multiples of "
              + SECTOR
              + " up to "
              + ConvertOptions.MAX_MIN_SPARSE
              + ". Select 0 to disable sparse detection (fully allocates output).");
    }
    explicitSparse = true;
    return value;
  }

  private void coroutines(String text) {
    OptionalLong value = CNumber.parse(text, 1, MAX_COROUTINES);
    if (value.isEmpty()) {
      throw tool.failure(
          "Invalid number of coroutines. Allowed number of coroutines is between 1 and "
              + MAX_COROUTINES);
    }
  }

  private void check() {
    if (targetFormat.isEmpty() && !targetImageOptions) {
      targetFormat = Optional.of("raw");
    }
    refuse(skipBroken && !bitmaps, "Use of --skip-broken-bitmaps requires --bitmaps");
    refuse(compressed && copyRange, "Cannot enable copy offloading when -c is used");
    refuse(explicitSparse && copyRange, "Cannot enable copy offloading when -S is used");
    refuse(copyRange && salvage, "Cannot use copy offloading in salvaging mode");
    refuse(targetImageOptions && !skipCreate, "--target-image-opts requires use of -n flag");
    refuse(skipCreate && options.isPresent(), "-o has no effect when skipping image creation");
    refuse(targetIsZero && !skipCreate, "--target-is-zero requires use of -n flag");
  }

  private void names(List<String> operands) {
    boolean enough = operands.size() >= 2;
    if (options.filter(OptionValues::asksForHelp).isPresent()) {
      if (targetFormat.isEmpty()) {
        throw tool.failure("Option help requires a format be specified");
      }
      Optional<String> name = enough ? Optional.of(operands.getLast()) : Optional.empty();
      throw new ToolExit(CreateCommand.help(tool, targetFormat.get(), name));
    }
    refuse(!enough, "Must specify image file name");
    sources = List.copyOf(operands.subList(0, operands.size() - 1));
    target = operands.getLast();
  }

  private void refuse(boolean wrong, String message) {
    if (wrong) {
      throw tool.failure(message);
    }
  }
}
