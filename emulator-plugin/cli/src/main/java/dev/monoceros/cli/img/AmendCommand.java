package dev.monoceros.cli.img;

import static dev.monoceros.cli.img.FormatOptions.BACKING_FILE;
import static dev.monoceros.cli.img.FormatOptions.BACKING_FORMAT;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.OptionTable;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.ProgressMeter;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.AmendOptions;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.Progress;
import java.util.List;
import java.util.Optional;

/** {@code amend}: other format options for an image that exists. */
final class AmendCommand implements ImgCommand {
  private static final int FORCE = CommonOptions.OWN;
  private static final float WHOLE = 100;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    CommonOptions options =
        new CommonOptions(
            tool,
            words,
            ":ho:f:t:pq",
            CommonOptions.HELP,
            CommonOptions.OBJECT_OPTION,
            CommonOptions.IMAGE_OPTS_OPTION,
            LongOption.flag("force", FORCE));
    String cache = "writeback";
    for (int c = options.next(); c >= 0; c = options.next()) {
      if (c == 't') {
        cache = options.argument();
      }
    }
    String list = options.list().orElseThrow(() -> tool.usage("Must specify options (-o)"));
    boolean help = OptionValues.asksForHelp(list);
    boolean shown = options.progress() && !options.quiet();
    ProgressMeter meter = new ProgressMeter(tool, shown, 1);
    try {
      if (help && options.format().isPresent()) {
        return help(tool, options.format().get());
      }
      if (options.operands().size() != 1) {
        throw tool.failure("Expecting one image file name");
      }
      CacheMode mode = CacheMode.require(tool, cache);
      ImageName name = options.image(options.oneImage());
      try (DiskImage image = name.open(tool, ImageName.forWriting().withNoFlush(mode.noFlush()))) {
        if (help) {
          return help(tool, image.format().qemuName());
        }
        amend(tool, image, list, meter);
        return 0;
      }
    } catch (RefusedException e) {
      throw tool.failure(e);
    } finally {
      meter.end();
    }
  }

  private static int help(Tool tool, String format) throws RefusedException {
    tool.print("Amend options for '" + format + "':\n" + table(format).help());
    return 0;
  }

  private static OptionTable table(String format) throws RefusedException {
    if (format.equals(ImageFormat.QCOW2.qemuName())) {
      return FormatOptions.amendQcow2();
    }
    throw new RefusedException(
        FormatOptions.known(format)
            ? "Format driver '" + format + "' does not support option amendment"
            : "Unknown file format '" + format + "'");
  }

  private static void amend(Tool tool, DiskImage image, String list, ProgressMeter meter)
      throws RefusedException, ImageException {
    String format = image.format().qemuName();
    OptionValues values = parse(table(format), format, list);
    meter.at(0);
    try {
      AmendOptions options = AmendValues.options(values);
      requireSameBacking(values, image);
      // The other options take no time, and qemu-img shows nothing in between.
      boolean slow = options.version().isPresent() || options.refcountBits().isPresent();
      Progress progress = (done, total) -> meter.at(WHOLE * done / Math.max(total, 1));
      image.amend(options, slow ? progress : Progress.NONE);
    } catch (ImageException e) {
      throw new RefusedException(Reason.of(e));
    } finally {
      meter.at(WHOLE);
    }
  }

  /** An option that only a new image takes is said to be that. */
  private static OptionValues parse(OptionTable table, String format, String list)
      throws RefusedException {
    OptionValues values = new OptionValues(table);
    try {
      values.parse(list);
      return values;
    } catch (RefusedException e) {
      OptionTable create = FormatOptions.create(format).orElse(OptionTable.empty());
      try {
        new OptionValues(table.append(create)).parse(list);
      } catch (RefusedException again) {
        throw e;
      }
      throw new RefusedException(
          String.valueOf(e.getMessage()), "This option is only supported for image creation\n");
    }
  }

  private static void requireSameBacking(OptionValues values, DiskImage image)
      throws RefusedException, ImageException {
    if (!values.has(BACKING_FILE) && !values.has(BACKING_FORMAT)) {
      return;
    }
    Optional<BackingReference> now = image.info().backing();
    boolean same =
        values.text(BACKING_FILE).equals(now.map(BackingReference::name))
            && values.text(BACKING_FORMAT).equals(now.flatMap(BackingReference::format));
    if (!same) {
      throw new RefusedException(
          "Cannot amend the backing file", "You can use 'qemu-img rebase' instead.\n");
    }
  }
}
