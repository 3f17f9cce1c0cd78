package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.ProgressMeter;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.copy.CopyException;
import dev.monoceros.qcow.copy.CopyListener;
import dev.monoceros.qcow.copy.DiskCommitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code commit}. */
final class CommitCommand implements ImgCommand {
  private static final float STEP = 1;

  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.valued("object", OBJECT),
          LongOption.flag("image-opts", IMAGE_OPTS));

  private Optional<String> format = Optional.empty();
  private Optional<String> base = Optional.empty();
  private String cache = "writeback";
  private boolean drop;
  private boolean progress;
  private boolean quiet;
  private boolean imageOptions;
  private long rateLimit;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    Getopt options = new Getopt(words, ":f:ht:b:dpqr:", OPTIONS, tool.posix(), tool::errorText);
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      switch (c) {
        case 'h' -> {
          return ImgHelp.print(tool);
        }
        case 'f' -> format = Optional.of(options.argument());
        case 't' -> cache = options.argument();
        case 'b' -> {
          base = Optional.of(options.argument());
          drop = true;
        }
        case 'd' -> drop = true;
        case 'p' -> progress = true;
        case 'q' -> quiet = true;
        case 'r' -> rateLimit = ConvertArguments.rate(tool, options.argument());
        case OBJECT -> ObjectOption.accept(tool, options.argument());
        case IMAGE_OPTS -> imageOptions = true;
        default -> throw tool.badOption(options, c);
      }
    }
    List<String> names = options.operands();
    if (names.size() != 1) {
      throw tool.usage("Expecting one image file name");
    }
    CacheMode.require(tool, cache);
    commit(tool, new ImageName(names.getFirst(), format, imageOptions));
    tool.print(quiet, "Image committed.\n");
    return 0;
  }

  private void commit(Tool tool, ImageName top) throws ImageException {
    List<ImageName> names;
    ProgressMeter meter = new ProgressMeter(tool, progress && !quiet, STEP);
    try (DiskImage image = top.open(tool, ImageName.forWriting())) {
      meter.at(0);
      names = names(tool, top, BackingChain.of(top, image));
    } catch (RuntimeException e) {
      meter.end();
      throw e;
    }
    try {
      commit(tool, names, meter);
    } finally {
      meter.end();
    }
  }

  /** The uppermost image, those between, and the base. */
  private List<ImageName> names(Tool tool, ImageName top, BackingChain chain) {
    int depth = 1;
    if (base.isPresent()) {
      depth =
          chain
              .find(base.get())
              .orElseThrow(
                  () ->
                      tool.failure(
                          "Did not find '"
                              + base.get()
                              + "' in the backing chain of '"
                              + top.name()
                              + "'"));
    } else if (chain.size() < 2) {
      throw tool.failure("Image does not have a backing file");
    }
    List<ImageName> names = new ArrayList<>();
    for (int i = 0; i <= depth; i++) {
      names.add(chain.at(i).name());
    }
    return names;
  }

  /** Each image is opened for itself: the base for writing, and no other below the first. */
  private void commit(Tool tool, List<ImageName> names, ProgressMeter meter) throws ImageException {
    List<DiskImage> layers = new ArrayList<>();
    int last = names.size() - 1;
    try (DiskImage target = names.get(last).open(tool, ImageName.forWriting())) {
      for (int i = 0; i < last; i++) {
        OpenOptions open = i == 0 && !drop ? ImageName.forWriting() : ImageName.forReading();
        layers.add(names.get(i).open(tool, open.withBacking(BackingPolicy.IGNORE)));
      }
      DiskCommitter committer = new DiskCommitter(layers, target);
      committer.run(listener(tool, meter));
      meter.at(100);
      if (!drop) {
        committer.emptyTop();
      }
    } catch (CopyException e) {
      throw tool.failure("Block job failed: " + Errno.of(e.reason()));
    } finally {
      for (DiskImage layer : layers) {
        layer.close();
      }
    }
  }

  private CopyListener listener(Tool tool, ProgressMeter meter) {
    RateLimit limit = new RateLimit(rateLimit, tool.nanos());
    return new CopyListener() {
      @Override
      public void at(long done, long total) {
        meter.at(100f * done / total);
      }

      @Override
      public void beforeWrite(long bytes) {
        limit.beforeWrite(bytes);
      }
    };
  }
}
