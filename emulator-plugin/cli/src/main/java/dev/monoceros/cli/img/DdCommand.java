package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code dd}. */
final class DdCommand implements ImgCommand {
  private static final int SECTOR = 512;

  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.valued("object", OBJECT),
          LongOption.flag("image-opts", IMAGE_OPTS),
          LongOption.flag("force-share", 'U'));

  private Optional<String> format = Optional.empty();
  private String targetFormat = "raw";
  private boolean forceShare;
  private boolean imageOptions;
  private Optional<String> input = Optional.empty();
  private Optional<String> output = Optional.empty();
  private OptionalLong count = OptionalLong.empty();
  private long skip;
  private int blockSize = SECTOR;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    Getopt options = new Getopt(words, ":hf:O:U", OPTIONS, tool.posix(), tool::errorText);
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      switch (c) {
        case 'h' -> {
          return ImgHelp.print(tool);
        }
        case 'f' -> format = Optional.of(options.argument());
        case 'O' -> targetFormat = options.argument();
        case 'U' -> forceShare = true;
        case OBJECT -> ObjectOption.accept(tool, options.argument());
        case IMAGE_OPTS -> imageOptions = true;
        default -> throw tool.badOption(options, c);
      }
    }
    for (String operand : options.operands()) {
      operand(tool, operand);
    }
    if (input.isEmpty() || output.isEmpty()) {
      throw tool.failure("Must specify both input and output files");
    }
    ImageName name = new ImageName(input.get(), format, imageOptions);
    try (DiskImage source = name.open(tool, ImageName.forReading().withForceShare(forceShare))) {
      copy(tool, source);
    }
    return 0;
  }

  private void operand(Tool tool, String operand) {
    int equals = operand.indexOf('=');
    String value = operand.substring(equals + 1);
    switch (equals < 0 ? "" : operand.substring(0, equals)) {
      case "if" -> input = Optional.of(value);
      case "of" -> output = Optional.of(value);
      case "bs" -> blockSize = (int) number(tool, "bs", value, 1, Integer.MAX_VALUE);
      case "count" -> count = OptionalLong.of(number(tool, "count", value, 0, Long.MAX_VALUE));
      case "skip" -> skip = number(tool, "skip", value, 0, Long.MAX_VALUE);
      default ->
          throw tool.failure(
              "unrecognized operand " + (equals < 0 ? operand : operand.substring(0, equals)));
    }
  }

  private static long number(Tool tool, String what, String text, long least, long most) {
    return ByteCount.read(tool, what, text, least, most).orElseThrow(() -> new ToolExit(1));
  }

  private void copy(Tool tool, DiskImage source) throws ImageException {
    long end = (source.size() + SECTOR - 1) & -SECTOR;
    if (count.isPresent() && count.getAsLong() <= Long.MAX_VALUE / blockSize) {
      end = Math.min(end, count.getAsLong() * blockSize);
    }
    boolean beyond = skip > Long.MAX_VALUE / blockSize || end < skip * blockSize;
    long start = beyond ? end : skip * blockSize;
    String target = output.orElseThrow();
    TargetImage creation =
        new TargetImage(tool, Optional.of(target), targetFormat, "Unknown file format");
    try {
      OptionValues values = creation.values(Optional.empty(), Optional.empty(), Optional.empty());
      TargetImage.create(target, creation.options(values, end - start));
    } catch (RefusedException e) {
      throw tool.failure(target + ": error while creating output image", e);
    }
    ImageName name = new ImageName(target, Optional.of(targetFormat), false);
    try (DiskImage image = name.open(tool, ImageName.forWriting())) {
      if (beyond) {
        tool.error(input.orElseThrow() + ": cannot skip to specified offset");
      }
      copy(tool, source, image, start, end);
    }
  }

  private void copy(Tool tool, DiskImage source, DiskImage target, long start, long end) {
    int whole = Math.max(blockSize, Math.min(1 << 20, (1 << 20) / blockSize * blockSize));
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(whole, Math.max(1, end - start)));
    long at = start;
    while (at < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
      int length = buffer.remaining();
      try {
        SectorReader.read(source, at, buffer);
      } catch (ImageException e) {
        throw tool.failure("error while reading from input image file: " + Errno.of(e));
      }
      try {
        target.write(at - start, buffer.flip());
      } catch (ImageException e) {
        throw tool.failure("error while writing to output image file: " + Errno.of(e));
      }
      at += length;
    }
  }
}
