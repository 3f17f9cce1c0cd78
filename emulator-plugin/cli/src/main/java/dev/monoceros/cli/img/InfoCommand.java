package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.Json;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageInfo;
import dev.monoceros.qcow.OpenOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code info}: what an image says of itself, or each of its backing chain. */
final class InfoCommand implements ImgCommand {
  /** What an image says of itself, and QEMU's name of the driver that serves it. */
  private record Described(ImageInfo info, String driver) {}

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    CommonOptions options =
        new CommonOptions(
            tool,
            words,
            ":hf:U",
            CommonOptions.HELP,
            CommonOptions.FORMAT,
            CommonOptions.OUTPUT_OPTION,
            LongOption.flag("backing-chain", CommonOptions.BACKING_CHAIN),
            CommonOptions.OBJECT_OPTION,
            CommonOptions.IMAGE_OPTS_OPTION,
            CommonOptions.FORCE_SHARE);
    boolean chain = false;
    while (options.next() == CommonOptions.BACKING_CHAIN) {
      chain = true;
    }
    String name = options.oneImage();
    boolean json = options.json();
    List<Described> infos = collect(tool, options.image(name), chain, options.forceShare());
    if (json) {
      List<Json> objects = new ArrayList<>();
      for (Described image : infos) {
        objects.add(InfoText.json(image.info(), image.driver()));
      }
      tool.print((chain ? Json.items(objects) : objects.getFirst()).pretty() + "\n");
    } else {
      String separator = "";
      for (Described image : infos) {
        tool.print(separator + InfoText.human(image.info(), image.driver()));
        separator = "\n";
      }
    }
    return 0;
  }

  private static List<Described> collect(
      Tool tool, ImageName first, boolean chain, boolean forceShare) throws ImageException {
    OpenOptions open =
        ImageName.forReading()
            .withBacking(BackingPolicy.IGNORE)
            .withForceShare(forceShare)
            .withDescribeOnly(true);
    List<Described> infos = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Optional<ImageName> next = Optional.of(first);
    while (next.isPresent()) {
      String name = next.get().name();
      if (!seen.add(name)) {
        throw tool.failure("Backing file '" + name + "' creates an infinite loop.");
      }
      ImageInfo info;
      try (DiskImage image = next.get().open(tool, open)) {
        info = image.info();
        infos.add(new Described(info, image.driver()));
      }
      next = chain ? below(info) : Optional.empty();
    }
    return infos;
  }

  private static Optional<ImageName> below(ImageInfo info) {
    return info.backing()
        .map(b -> new ImageName(info.backingPath().orElse(b.name()), b.format(), false));
  }
}
