package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.Json;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.copy.CopyException;
import dev.monoceros.qcow.copy.Measurement;
import dev.monoceros.qcow.copy.SizeEstimate;
import java.util.List;
import java.util.Optional;

/** {@code measure}. */
final class MeasureCommand implements ImgCommand {
  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;
  private static final int OUTPUT = 258;
  private static final int SIZE = 259;
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.flag("image-opts", IMAGE_OPTS),
          LongOption.valued("object", OBJECT),
          LongOption.valued("output", OUTPUT),
          LongOption.valued("size", SIZE),
          LongOption.flag("force-share", 'U'));

  private Optional<String> format = Optional.empty();
  private String targetFormat = "raw";
  private Optional<String> list = Optional.empty();
  private Optional<SnapshotName> snapshot = Optional.empty();
  private Optional<Long> size = Optional.empty();
  private Optional<String> name = Optional.empty();
  private boolean forceShare;
  private boolean imageOptions;
  private boolean json;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    // No colon first: here getopt itself speaks, and help follows.
    Getopt options = new Getopt(words, "hf:O:o:l:U", OPTIONS, tool.posix(), tool::errorText);
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      if (c == 'h' || c == Getopt.UNKNOWN) {
        return ImgHelp.print(tool);
      }
      take(tool, options, c);
    }
    names(tool, options.operands());
    Measurement measured =
        name.isPresent() ? measureImage(tool, name.get()) : measure(tool, Optional.empty());
    print(tool, measured);
    return 0;
  }

  private void take(Tool tool, Getopt options, int c) {
    String text = options.argument();
    switch (c) {
      case 'f' -> format = Optional.of(text);
      case 'O' -> targetFormat = text;
      case 'o' -> {
        if (!OptionValues.isList(text)) {
          throw tool.failure("Invalid option list: " + text);
        }
        list = Optional.of(list.map(before -> before + "," + text).orElse(text));
      }
      case 'l' -> snapshot = Optional.of(SnapshotName.parse(tool, text));
      case 'U' -> forceShare = true;
      case OBJECT -> ObjectOption.accept(tool, text);
      case IMAGE_OPTS -> imageOptions = true;
      case OUTPUT -> {
        json = text.equals("json");
        if (!json && !text.equals("human")) {
          throw tool.failure("--output must be used with human or json as argument.");
        }
      }
      case SIZE ->
          size =
              Optional.of(
                  ByteCount.read(tool, "image size", text).orElseThrow(() -> new ToolExit(1)));
      default -> throw new IllegalStateException("option " + c);
    }
  }

  private void names(Tool tool, List<String> operands) {
    if (operands.size() > 1) {
      throw tool.failure("At most one filename argument is allowed.");
    }
    name = operands.stream().findFirst();
    if (name.isEmpty() && (imageOptions || format.isPresent() || snapshot.isPresent())) {
      throw tool.failure("--image-opts, -f, and -l require a filename argument.");
    }
    if (name.isPresent() && size.isPresent()) {
      throw tool.failure("--size N cannot be used together with a filename.");
    }
    if (name.isEmpty() && size.isEmpty()) {
      throw tool.failure("Either --size N or one filename must be specified.");
    }
  }

  private Measurement measureImage(Tool tool, String image) throws ImageException {
    OpenOptions open = ImageName.forReading().withForceShare(forceShare);
    ImageName source = new ImageName(image, format, imageOptions);
    try (DiskImage disk =
        snapshot.isPresent() ? snapshot.get().open(tool, source, open) : source.open(tool, open)) {
      return measure(tool, Optional.of(disk));
    }
  }

  private Measurement measure(Tool tool, Optional<DiskImage> source) {
    TargetImage target =
        new TargetImage(
            tool, Optional.empty(), targetFormat, "Unknown file format '" + targetFormat + "'");
    OptionValues values;
    try {
      values = target.values(list, Optional.empty(), Optional.empty());
    } catch (RefusedException e) {
      tool.failure(e);
      throw tool.failure("Invalid options for file format '" + targetFormat + "'");
    }
    try {
      Optional<String> mode = values.text(FormatOptions.PREALLOCATION);
      if (targetFormat.equals("qcow2")
          && mode.isPresent()
          && CreateValues.preallocation(mode.get()).isEmpty()) {
        throw new RefusedException("invalid parameter value: " + mode.get());
      }
      // The size of -o counts while the options are judged, the source's afterwards.
      long asked = size.or(() -> values.number(FormatOptions.SIZE)).orElse(0L);
      return measure(tool, target.options(values, asked), source);
    } catch (RefusedException e) {
      throw tool.failure(e);
    }
  }

  private Measurement measure(Tool tool, CreateOptions options, Optional<DiskImage> source)
      throws RefusedException {
    if (targetFormat.equals("raw")) {
      return SizeEstimate.raw(source.map(DiskImage::size).orElse(options.size()));
    }
    if (!targetFormat.equals("qcow2")) {
      throw new RefusedException(
          "Block driver '" + targetFormat + "' does not support size measurement");
    }
    MeasureChecks.check(options);
    try {
      return source.isPresent()
          ? SizeEstimate.qcow2(options, source.get())
          : SizeEstimate.qcow2(options);
    } catch (CopyException e) {
      throw tool.failure("Unable to get block status: " + Errno.of(e.reason()));
    }
  }

  private void print(Tool tool, Measurement measured) {
    if (json) {
      Json.Members object =
          Json.members()
              .put("required", measured.required())
              .put("fully-allocated", measured.fullyAllocated());
      measured.bitmaps().ifPresent(bytes -> object.put("bitmaps", bytes));
      tool.print(object.pretty() + "\n");
      return;
    }
    tool.print("required size: " + measured.required() + "\n");
    tool.print("fully allocated size: " + measured.fullyAllocated() + "\n");
    measured.bitmaps().ifPresent(bytes -> tool.print("bitmaps size: " + bytes + "\n"));
  }
}
