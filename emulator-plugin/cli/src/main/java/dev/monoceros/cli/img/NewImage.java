package dev.monoceros.cli.img;

import static dev.monoceros.cli.img.FormatOptions.BACKING_FILE;
import static dev.monoceros.cli.img.FormatOptions.BACKING_FORMAT;
import static dev.monoceros.cli.img.FormatOptions.SIZE;

import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.OptionTable;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.graph.BlockGraph;
import java.util.Optional;

/** What is to be created: QEMU's {@code bdrv_img_create}, step by step with its refusals. */
final class NewImage {
  private static final String OPEN_HINT = "Could not open backing image.\n";

  private final String name;
  private final String format;
  private OptionValues values;

  NewImage(String name, String format) {
    this.name = name;
    this.format = format;
  }

  /**
   * Reads the options and finds the size.
   *
   * @param list of {@code -o}
   * @param size of the command line
   * @param unsafe the backing file is not looked at
   */
  void decide(
      Optional<String> list,
      Optional<Long> size,
      Optional<String> backing,
      Optional<String> backingFormat,
      boolean unsafe)
      throws RefusedException {
    values = new OptionValues(table());
    if (list.isPresent()) {
      values.parse(list.get());
    }
    if (size.isPresent()) {
      if (values.has(SIZE)) {
        throw new RefusedException("The image size must be specified only once");
      }
      values.set(SIZE, Long.toString(size.get()));
    }
    take(BACKING_FILE, backing, "Backing file");
    take(BACKING_FORMAT, backingFormat, "Backing file format");
    Optional<String> file = values.text(BACKING_FILE);
    if (file.isPresent()) {
      checkBacking(file.get(), unsafe);
    }
    if (!values.has(SIZE)) {
      throw new RefusedException("Image creation needs a size parameter");
    }
  }

  private OptionTable table() throws RefusedException {
    if (!FormatOptions.known(format)) {
      throw new RefusedException("Unknown file format '" + format + "'");
    }
    FileName.requireFile(name);
    return FormatOptions.create(format)
        .orElseThrow(
            () ->
                new RefusedException(
                    "Format driver '" + format + "' does not support image creation"))
        .append(FormatOptions.file());
  }

  private void take(String option, Optional<String> value, String what) throws RefusedException {
    if (value.isEmpty()) {
      return;
    }
    try {
      values.set(option, value.get());
    } catch (RefusedException e) {
      throw new RefusedException(what + " not supported for file format '" + format + "'");
    }
  }

  private void checkBacking(String backing, boolean unsafe) throws RefusedException {
    if (backing.equals(name)) {
      throw new RefusedException(
          "Error: Trying to create an image with the same filename as the backing file");
    }
    if (backing.isEmpty()) {
      throw new RefusedException("Expected backing file name, got empty string");
    }
    Optional<String> given = values.text(BACKING_FORMAT);
    if (unsafe) {
      if (given.isEmpty()) {
        throw new RefusedException("Backing file specified without backing format");
      }
      return;
    }
    try (DiskImage image =
        BlockGraph.open(
            FileName.below(name, backing),
            given,
            ImageName.forReading().withForceShare(true).withDescribeOnly(true))) {
      if (given.isEmpty()) {
        throw new RefusedException(
            "Backing file specified without backing format",
            "Detected format of " + image.format().qemuName() + ".");
      }
      if (!values.has(SIZE)) {
        values.set(SIZE, Long.toString(image.size()));
      }
    } catch (ImageException e) {
      throw new RefusedException(Reason.of(e), OPEN_HINT);
    }
  }

  OptionValues values() {
    return values;
  }

  /** The line that says what will be done. */
  String announcement() {
    return "Formatting '" + name + "', fmt=" + format + " " + values.shown() + "\n";
  }
}
