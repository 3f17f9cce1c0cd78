package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.CheckReport;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Repair;
import java.util.List;
import java.util.Objects;

/** {@code check}: looks for leaks and corruption, and mends with {@code -r}. */
final class CheckCommand implements ImgCommand {
  /** What a check says of damage for which mending leaks alone is not enough. */
  private static final String REBUILD = "ERROR need to rebuild refcount structures";

  private static final int FAILED = 1;
  private static final int CORRUPT = 2;
  private static final int LEAKS = 3;
  private static final int NOT_SUPPORTED = 63;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    CommonOptions options =
        new CommonOptions(
            tool,
            words,
            ":hf:r:T:qU",
            CommonOptions.HELP,
            CommonOptions.FORMAT,
            LongOption.valued("repair", 'r'),
            CommonOptions.OUTPUT_OPTION,
            CommonOptions.OBJECT_OPTION,
            CommonOptions.IMAGE_OPTS_OPTION,
            CommonOptions.FORCE_SHARE);
    Repair repair = Repair.NONE;
    String cache = "writeback";
    for (int c = options.next(); c >= 0; c = options.next()) {
      switch (c) {
        case 'r' -> repair = repair(tool, options.argument());
        case 'T' -> cache = options.argument();
        default -> throw new IllegalStateException("option " + c);
      }
    }
    ImageName name = options.image(options.oneImage());
    boolean json = options.json();
    CacheMode.requireSource(tool, cache);
    OpenOptions open =
        (repair == Repair.NONE ? ImageName.forReading() : ImageName.forWriting())
            .withForceShare(options.forceShare())
            .withForCheck(true);
    requireChain(tool, name, open);
    try (DiskImage image = name.open(tool, open)) {
      if (image.format() != ImageFormat.QCOW2) {
        tool.error("This image format does not support checks");
        return NOT_SUPPORTED;
      }
      return check(tool, image, name.name(), repair, json, options.quiet());
    }
  }

  /**
   * A check needs the image alone, but qemu-img refuses one whose backing or data file cannot be
   * opened. Whatever else is wrong is for the check to tell.
   */
  private static void requireChain(Tool tool, ImageName name, OpenOptions open) {
    try (DiskImage image = name.tryOpen(tool, open.withForCheck(false).withReadOnly(true))) {
      Objects.requireNonNull(image);
    } catch (ImageException e) {
      String reason = Reason.of(e);
      if (reason.startsWith("Could not open")) {
        throw tool.failure("Could not open '" + name.name() + "': " + reason);
      }
    }
  }

  private static Repair repair(Tool tool, String mode) {
    return switch (mode) {
      case "leaks" -> Repair.LEAKS;
      case "all" -> Repair.ALL;
      default ->
          throw tool.usage("Unknown option value for -r (expecting 'leaks' or 'all'): " + mode);
    };
  }

  private static int check(
      Tool tool, DiskImage image, String name, Repair repair, boolean json, boolean quiet) {
    try {
      CheckReport report = look(tool, image, repair);
      if (repair == Repair.LEAKS && report.messages().contains(REBUILD)) {
        tool.error("Check failed: Input/output error");
        return FAILED;
      }
      long leaksFixed = report.leaksFixed();
      long corruptionsFixed = report.corruptionsFixed();
      if (leaksFixed > 0 || corruptionsFixed > 0) {
        if (!json) {
          tool.print(quiet, CheckText.repaired(report));
        }
        report = look(tool, image, Repair.NONE);
      }
      String text =
          json
              ? CheckText.json(report, name, image, leaksFixed, corruptionsFixed).pretty() + "\n"
              : CheckText.human(report);
      tool.print(quiet, text);
      return result(tool, report);
    } catch (ImageException e) {
      tool.error("Check failed: " + Reason.of(e));
      return FAILED;
    }
  }

  private static CheckReport look(Tool tool, DiskImage image, Repair repair) throws ImageException {
    CheckReport report = image.check(repair);
    for (String message : report.messages()) {
      tool.errorText(message + "\n");
    }
    return report;
  }

  private static int result(Tool tool, CheckReport report) {
    if (report.checkErrors() > 0) {
      tool.error("Check failed");
      return FAILED;
    }
    if (report.corruptions() > 0) {
      return CORRUPT;
    }
    return report.leaks() > 0 ? LEAKS : 0;
  }
}
