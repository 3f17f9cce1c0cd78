package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Options that several commands share, filled in as they are met: {@code -f}, {@code -q}, {@code
 * -U}, {@code -o}, {@code -p}, {@code --object}, {@code --image-opts}, {@code --output}.
 */
final class CommonOptions {
  static final int OUTPUT = 256;
  static final int BACKING_CHAIN = 257;
  static final int OBJECT = 258;
  static final int IMAGE_OPTS = 259;

  /** The first value that a command may use for long options of its own. */
  static final int OWN = 300;

  static final LongOption HELP = LongOption.flag("help", 'h');
  static final LongOption OBJECT_OPTION = LongOption.valued("object", OBJECT);
  static final LongOption IMAGE_OPTS_OPTION = LongOption.flag("image-opts", IMAGE_OPTS);
  static final LongOption OUTPUT_OPTION = LongOption.valued("output", OUTPUT);
  static final LongOption FORCE_SHARE = LongOption.flag("force-share", 'U');
  static final LongOption FORMAT = LongOption.valued("format", 'f');

  private final Tool tool;
  private final Getopt words;

  private String format;
  private String list;
  private String output = "human";
  private boolean imageOpts;
  private boolean quiet;
  private boolean progress;
  private boolean forceShare;

  /**
   * @param shorts option letters as {@link Getopt} takes them
   */
  CommonOptions(Tool tool, List<String> words, String shorts, LongOption... longs) {
    this.tool = tool;
    this.words = new Getopt(words, shorts, List.of(longs), tool.posix(), tool::errorText);
  }

  /** Takes options up to the next that is the command's own, which is returned, or to the end. */
  int next() {
    while (true) {
      int c = words.next();
      switch (c) {
        case Getopt.UNKNOWN, Getopt.MISSING -> throw tool.badOption(words, c);
        case 'h' -> {
          ImgHelp.print(tool);
          throw new ToolExit(0);
        }
        case 'f' -> format = words.argument();
        case 'q' -> quiet = true;
        case 'p' -> progress = true;
        case 'U' -> forceShare = true;
        case 'o' -> addToList(words.argument());
        case OUTPUT -> output = words.argument();
        case OBJECT -> ObjectOption.accept(tool, words.argument());
        case IMAGE_OPTS -> imageOpts = true;
        default -> {
          return c;
        }
      }
    }
  }

  private void addToList(String text) {
    if (!OptionValues.isList(text)) {
      throw tool.failure("Invalid option list: " + text);
    }
    list = list == null ? text : list + "," + text;
  }

  /** The value of the option that {@link #next} returned. */
  String argument() {
    return words.argument();
  }

  /** What follows the options. */
  List<String> operands() {
    return new ArrayList<>(words.operands());
  }

  /** The only operand. */
  String oneImage() {
    List<String> operands = operands();
    if (operands.size() != 1) {
      throw tool.usage("Expecting one image file name");
    }
    return operands.getFirst();
  }

  /** Whether {@code --output=json}; any other value than json and human ends the command. */
  boolean json() {
    return switch (output) {
      case "json" -> true;
      case "human" -> false;
      default -> throw tool.failure("--output must be used with human or json as argument.");
    };
  }

  ImageName image(String name) {
    return new ImageName(name, format(), imageOpts);
  }

  Optional<String> format() {
    return Optional.ofNullable(format);
  }

  /** All of {@code -o}, joined by commas. */
  Optional<String> list() {
    return Optional.ofNullable(list);
  }

  boolean imageOpts() {
    return imageOpts;
  }

  boolean quiet() {
    return quiet;
  }

  boolean progress() {
    return progress;
  }

  boolean forceShare() {
    return forceShare;
  }
}
