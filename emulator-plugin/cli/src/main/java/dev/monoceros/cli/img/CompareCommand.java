package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.ProgressMeter;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.copy.Comparison;
import dev.monoceros.qcow.copy.CopyException;
import dev.monoceros.qcow.copy.DiskComparer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code compare}. Exit codes: 0 equal, 1 different, 2 to 4 errors. */
final class CompareCommand implements ImgCommand {
  private static final int DIFFERENT = 1;
  private static final int CANNOT_OPEN = 2;
  private static final int NO_STATUS = 3;
  private static final int CANNOT_READ = 4;
  private static final float STEP = 2;

  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.valued("object", OBJECT),
          LongOption.flag("image-opts", IMAGE_OPTS),
          LongOption.flag("force-share", 'U'));

  private Optional<String> firstFormat = Optional.empty();
  private Optional<String> secondFormat = Optional.empty();
  private String cache = "writeback";
  private boolean progress;
  private boolean quiet;
  private boolean strict;
  private boolean forceShare;
  private boolean imageOptions;

  @Override
  public int run(Tool tool, List<String> words) throws IOException {
    Getopt options = new Getopt(words, ":hf:F:T:pqsU", OPTIONS, tool.posix(), tool::errorText);
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      switch (c) {
        case 'h' -> {
          return ImgHelp.print(tool);
        }
        case 'f' -> firstFormat = Optional.of(options.argument());
        case 'F' -> secondFormat = Optional.of(options.argument());
        case 'T' -> cache = options.argument();
        case 'p' -> progress = true;
        case 'q' -> quiet = true;
        case 's' -> strict = true;
        case 'U' -> forceShare = true;
        case OBJECT -> object(tool, options.argument());
        case IMAGE_OPTS -> imageOptions = true;
        default -> throw tool.badOption(options, c);
      }
    }
    List<String> names = options.operands();
    if (names.size() != 2) {
      throw tool.usage("Expecting two image file names");
    }
    ProgressMeter meter = new ProgressMeter(tool, progress && !quiet, STEP);
    try {
      return open(tool, names, meter);
    } finally {
      meter.end();
    }
  }

  private static void object(Tool tool, String text) {
    try {
      ObjectOption.accept(tool, text);
    } catch (ToolExit e) {
      throw new ToolExit(CANNOT_OPEN);
    }
  }

  private int open(Tool tool, List<String> names, ProgressMeter meter) throws IOException {
    if (CacheMode.of(cache).isEmpty()) {
      tool.error("Invalid source cache option: " + cache);
      return CANNOT_OPEN;
    }
    OpenOptions open = ImageName.forReading().withForceShare(forceShare);
    try (DiskImage first =
            new ImageName(names.getFirst(), firstFormat, imageOptions).open(tool, open);
        DiskImage second =
            new ImageName(names.getLast(), secondFormat, imageOptions).open(tool, open)) {
      return compare(tool, names, new DiskComparer(first, second, strict), meter);
    } catch (ToolExit e) {
      return CANNOT_OPEN;
    }
  }

  private int compare(Tool tool, List<String> names, DiskComparer comparer, ProgressMeter meter) {
    meter.at(0);
    try {
      Comparison found = comparer.run((done, total) -> meter.at(100f * done / total));
      if (found.overhang()) {
        tool.print(quiet, "Warning: Image size mismatch!\n");
      }
      tool.print(quiet, sentence(found));
      return found.identical() ? 0 : DIFFERENT;
    } catch (CopyException e) {
      if (e.offset() >= comparer.commonSize()) {
        tool.print(quiet, "Warning: Image size mismatch!\n");
      }
      return failed(tool, names.get(e.disk()), e);
    }
  }

  private static String sentence(Comparison found) {
    return switch (found.outcome()) {
      case IDENTICAL -> "Images are identical.\n";
      case CONTENT -> "Content mismatch at offset " + found.offset() + "!\n";
      case STATUS -> "Strict mode: Offset " + found.offset() + " block status mismatch!\n";
      case SIZE -> "Strict mode: Image size mismatch!\n";
    };
  }

  private static int failed(Tool tool, String name, CopyException e) {
    if (e.step() == CopyException.Step.STATUS) {
      tool.error("Sector allocation test failed for " + name);
      return NO_STATUS;
    }
    tool.error(
        "Error while reading offset " + e.offset() + " of " + name + ": " + Errno.of(e.reason()));
    return CANNOT_READ;
  }
}
