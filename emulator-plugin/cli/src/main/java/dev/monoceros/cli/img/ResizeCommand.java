package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.Preallocation;
import java.util.List;

/** {@code resize}: a disk of another size, given or relative. */
final class ResizeCommand implements ImgCommand {
  private static final int PREALLOCATION = CommonOptions.OWN;
  private static final int SHRINK = CommonOptions.OWN + 1;
  private static final int LEAST_WORDS = 3;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    if (words.size() < LEAST_WORDS) {
      throw tool.usage("Not enough arguments");
    }
    // The size is taken away first, because -1G looks like an option.
    String size = words.getLast();
    CommonOptions options =
        new CommonOptions(
            tool,
            words.subList(0, words.size() - 1),
            ":f:hq",
            CommonOptions.HELP,
            CommonOptions.OBJECT_OPTION,
            CommonOptions.IMAGE_OPTS_OPTION,
            LongOption.valued("preallocation", PREALLOCATION),
            LongOption.flag("shrink", SHRINK));
    Preallocation preallocation = Preallocation.OFF;
    boolean shrink = false;
    for (int c = options.next(); c >= 0; c = options.next()) {
      switch (c) {
        case PREALLOCATION -> preallocation = preallocation(tool, options.argument());
        case SHRINK -> shrink = true;
        default -> throw new IllegalStateException("option " + c);
      }
    }
    List<String> operands = options.operands();
    if (operands.size() != 1) {
      throw tool.usage("Expecting image file name and size");
    }
    int direction = size.startsWith("+") ? 1 : size.startsWith("-") ? -1 : 0;
    long amount = amount(tool, direction == 0 ? size : size.substring(1));
    ImageName name = options.image(operands.getFirst());
    try (DiskImage image = name.open(tool, ImageName.forWriting())) {
      long total = direction == 0 ? amount : image.size() + direction * amount;
      return resize(tool, image, total, preallocation, shrink, options.quiet());
    }
  }

  private static Preallocation preallocation(Tool tool, String mode) {
    return CreateValues.preallocation(mode)
        .orElseThrow(() -> tool.failure("Invalid preallocation mode '" + mode + "'"));
  }

  private static long amount(Tool tool, String text) {
    try {
      return OptionValues.size(FormatOptions.SIZE, text);
    } catch (RefusedException e) {
      throw tool.failure(e);
    }
  }

  private static int resize(
      Tool tool,
      DiskImage image,
      long total,
      Preallocation preallocation,
      boolean shrink,
      boolean quiet) {
    if (total <= 0) {
      throw tool.failure("New image size must be positive");
    }
    if (total <= image.size() && preallocation != Preallocation.OFF) {
      throw tool.failure("Preallocation can only be used for growing images");
    }
    if (total < image.size() && !shrink) {
      tool.error("Use the --shrink option to perform a shrink operation.");
      tool.warning(
          "Shrinking an image will delete all data beyond the shrunken image's end. Before"
              + " performing such an operation, make sure there is no important data there.");
      return 1;
    }
    try {
      image.resize(total, preallocation, shrink);
    } catch (ImageException e) {
      throw tool.failure(Reason.of(e));
    }
    tool.print(quiet, "Image resized.\n");
    return 0;
  }
}
