package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.ObjectOption;
import dev.monoceros.cli.tool.ProgressMeter;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.BackingReference;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.copy.CopyException;
import dev.monoceros.qcow.copy.DiskRebaser;
import dev.monoceros.qcow.graph.BlockGraph;
import dev.monoceros.qcow.io.ErrorKind;
import java.util.List;
import java.util.Optional;

/** {@code rebase}. */
final class RebaseCommand implements ImgCommand {
  private static final float STEP = 2;

  private static final int OBJECT = 256;
  private static final int IMAGE_OPTS = 257;
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.valued("object", OBJECT),
          LongOption.flag("image-opts", IMAGE_OPTS),
          LongOption.flag("force-share", 'U'));

  private Optional<String> format = Optional.empty();
  private Optional<String> backingFormat = Optional.empty();
  private Optional<String> backing = Optional.empty();
  private String cache = "writeback";
  private String sourceCache = "writeback";
  private boolean unsafe;
  private boolean progress;
  private boolean quiet;
  private boolean forceShare;
  private boolean imageOptions;

  @Override
  public int run(Tool tool, List<String> words) throws ImageException {
    Getopt options = new Getopt(words, ":hf:F:b:upt:T:qU", OPTIONS, tool.posix(), tool::errorText);
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      String text = options.argument();
      switch (c) {
        case 'h' -> {
          return ImgHelp.print(tool);
        }
        case 'f' -> format = Optional.of(text);
        case 'F' -> backingFormat = Optional.of(text);
        case 'b' -> backing = Optional.of(text);
        case 'u' -> unsafe = true;
        case 'p' -> progress = true;
        case 't' -> cache = text;
        case 'T' -> sourceCache = text;
        case 'q' -> quiet = true;
        case OBJECT -> ObjectOption.accept(tool, text);
        case IMAGE_OPTS -> imageOptions = true;
        case 'U' -> forceShare = true;
        default -> throw tool.badOption(options, c);
      }
    }
    List<String> names = options.operands();
    if (names.size() != 1) {
      throw tool.usage("Expecting one image file name");
    }
    if (!unsafe && backing.isEmpty()) {
      throw tool.usage("Must specify backing file (-b) or use unsafe mode (-u)");
    }
    ProgressMeter meter = new ProgressMeter(tool, progress && !quiet, STEP);
    meter.at(0);
    try {
      open(tool, new ImageName(names.getFirst(), format, imageOptions), meter);
      return 0;
    } finally {
      meter.end();
    }
  }

  private void open(Tool tool, ImageName name, ProgressMeter meter) throws ImageException {
    CacheMode mode = CacheMode.require(tool, cache);
    CacheMode.requireSource(tool, sourceCache);
    OpenOptions open =
        ImageName.forWriting()
            .withNoFlush(mode.noFlush())
            .withBacking(unsafe ? BackingPolicy.IGNORE : BackingPolicy.ALLOW);
    try (DiskImage image = name.open(tool, open)) {
      if (backingFormat.isPresent() && !FormatOptions.known(backingFormat.get())) {
        throw tool.failure("Invalid format name: '" + backingFormat.get() + "'");
      }
      if (unsafe) {
        change(tool, new DiskRebaser(image, Optional.empty(), 0));
      } else {
        rebase(tool, name, image, meter);
      }
      meter.at(100);
    }
  }

  private void rebase(Tool tool, ImageName name, DiskImage image, ProgressMeter meter)
      throws ImageException {
    if (backing.orElseThrow().isEmpty()) {
      copy(tool, new DiskRebaser(image, Optional.empty(), 0), meter);
      return;
    }
    BackingChain chain = BackingChain.of(name, image);
    int depth = chain.find(backing.get()).orElse(0);
    if (depth > 0) {
      copy(tool, new DiskRebaser(image, Optional.of(chain.at(depth).image()), depth), meter);
      return;
    }
    try (DiskImage newBacking = openBacking(tool, name)) {
      copy(tool, new DiskRebaser(image, Optional.of(newBacking), 0), meter);
    }
  }

  private DiskImage openBacking(Tool tool, ImageName image) {
    String path = BackingChain.resolve(image.name(), backing.orElseThrow());
    try {
      return BlockGraph.open(
          path, backingFormat, ImageName.forReading().withForceShare(forceShare));
    } catch (ImageException e) {
      throw tool.failure(
          "Could not open new backing file '" + backing.orElseThrow() + "': " + Reason.of(e));
    }
  }

  private void copy(Tool tool, DiskRebaser rebaser, ProgressMeter meter) {
    try {
      rebaser.copyDifferences((done, total) -> meter.at(100f * done / total));
    } catch (CopyException e) {
      throw tool.failure(
          switch (e.step()) {
            case STATUS -> "error while reading image metadata: " + Errno.of(e.reason());
            case READ ->
                e.disk() == DiskRebaser.NEW
                    ? "error while reading from new backing file"
                    : "error while reading from old backing file";
            case WRITE, FINISH -> "Error while writing to COW image: " + Errno.of(e.reason());
          });
    }
    change(tool, rebaser);
  }

  private void change(Tool tool, DiskRebaser rebaser) {
    Optional<String> name = backing.filter(b -> !b.isEmpty());
    String failure = "Could not change the backing file to '" + backing.orElse("(null)") + "': ";
    if (name.isPresent() && backingFormat.isEmpty()) {
      throw tool.failure(failure + "backing format must be specified");
    }
    try {
      rebaser.changeReference(name.map(n -> new BackingReference(n, backingFormat)));
    } catch (CopyException e) {
      boolean noRoom = e.reason().kind() == ErrorKind.NO_SPACE;
      throw tool.failure(
          failure + (noRoom ? "No space left in the file header" : Errno.of(e.reason())));
    }
  }
}
