package dev.monoceros.cli.img;

import static dev.monoceros.cli.img.FormatOptions.BACKING_FILE;
import static dev.monoceros.cli.img.FormatOptions.BACKING_FORMAT;
import static dev.monoceros.cli.img.FormatOptions.SIZE;

import dev.monoceros.cli.tool.OptionTable;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.file.Path;
import java.util.Optional;

/** The image that convert and dd create, and that measure thinks of. */
final class TargetImage {
  private final Tool tool;
  private final String format;
  private final OptionTable table;

  /**
   * @param name of the image; empty if none will be made
   * @throws ToolExit if the format cannot be created; what is wrong has been said
   */
  TargetImage(Tool tool, Optional<String> name, String format, String unknownFormat) {
    this.tool = tool;
    this.format = format;
    if (!FormatOptions.known(format)) {
      throw tool.failure(unknownFormat);
    }
    try {
      if (name.isPresent()) {
        FileName.requireFile(name.get());
      }
    } catch (RefusedException e) {
      throw tool.failure(e);
    }
    Optional<OptionTable> own = FormatOptions.create(format);
    if (own.isEmpty()) {
      throw tool.failure("Format driver '" + format + "' does not support image creation");
    }
    this.table = own.get().append(FormatOptions.file());
  }

  /** Reads {@code -o}, and {@code -B} and {@code -F} beside it. */
  OptionValues values(
      Optional<String> list, Optional<String> backing, Optional<String> backingFormat)
      throws RefusedException {
    OptionValues values = new OptionValues(table);
    if (list.isPresent()) {
      values.parse(list.get());
    }
    take(values, BACKING_FILE, backing, "Backing file");
    take(values, BACKING_FORMAT, backingFormat, "Backing file format");
    return values;
  }

  private void take(OptionValues values, String option, Optional<String> value, String what) {
    if (value.isEmpty()) {
      return;
    }
    try {
      values.set(option, value.get());
    } catch (RefusedException e) {
      throw tool.failure(what + " not supported for file format '" + format + "'");
    }
  }

  /** What the library creates it with, for a disk of {@code size} bytes. */
  CreateOptions options(OptionValues values, long size) throws RefusedException {
    values.set(SIZE, Long.toString(size));
    return CreateValues.options(format, values);
  }

  /** Creates it, over what may be there. */
  static void create(String name, CreateOptions options) throws RefusedException {
    try {
      DiskImage.create(Path.of(FileName.path(name)), options).close();
    } catch (ImageException e) {
      throw new RefusedException(Reason.of(e), e.hint().map(hint -> hint + "\n").orElse(""));
    }
  }
}
