package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import java.util.List;

/** {@code map}: where in which file each part of the disk is stored. */
final class MapCommand implements ImgCommand {
  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    CommonOptions options =
        new CommonOptions(
            tool,
            words,
            ":f:s:l:hU",
            CommonOptions.HELP,
            CommonOptions.FORMAT,
            CommonOptions.OUTPUT_OPTION,
            CommonOptions.OBJECT_OPTION,
            CommonOptions.IMAGE_OPTS_OPTION,
            CommonOptions.FORCE_SHARE,
            LongOption.valued("start-offset", 's'),
            LongOption.valued("max-length", 'l'));
    long start = 0;
    long most = Long.MAX_VALUE;
    for (int c = options.next(); c >= 0; c = options.next()) {
      switch (c) {
        case 's' -> start = number(tool, "start offset", options.argument());
        case 'l' -> most = number(tool, "max length", options.argument());
        default -> throw new IllegalStateException("option " + c);
      }
    }
    ImageName name = options.image(options.oneImage());
    boolean json = options.json();
    try (DiskImage image =
        name.open(tool, ImageName.forReading().withForceShare(options.forceShare()))) {
      MapText text = new MapText(tool, json);
      long end = start > Long.MAX_VALUE - most ? Long.MAX_VALUE : start + most;
      return walk(tool, image, start, Math.min(end, image.size()), text);
    }
  }

  private static long number(Tool tool, String what, String text) {
    return ByteCount.read(tool, what, text).orElseThrow(() -> new ToolExit(1));
  }

  private static int walk(Tool tool, DiskImage image, long start, long end, MapText text) {
    text.begin();
    MapEntry current = MapEntry.none(start);
    while (current.end() < end) {
      MapEntry next;
      try {
        next = MapEntry.of(image.extent(current.end(), end - current.end()));
      } catch (ImageException e) {
        tool.error("Could not read file metadata: " + Reason.of(e));
        return 1;
      }
      if (current.continuedBy(next)) {
        current = current.longer(next.length());
      } else {
        if (current.length() > 0 && !text.entry(current, true)) {
          return 1;
        }
        current = text.simplify(next);
      }
    }
    if (!text.entry(current, false)) {
      return 1;
    }
    text.end();
    return 0;
  }
}
