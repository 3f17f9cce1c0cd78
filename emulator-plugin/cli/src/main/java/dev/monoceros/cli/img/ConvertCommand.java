package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.OptionValues;
import dev.monoceros.cli.tool.ProgressMeter;
import dev.monoceros.cli.tool.RefusedException;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.copy.ConvertOptions;
import dev.monoceros.qcow.copy.CopyException;
import dev.monoceros.qcow.copy.CopyListener;
import dev.monoceros.qcow.copy.DiskConverter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** {@code convert}. */
final class ConvertCommand implements ImgCommand {
  private static final float STEP = 1;
  private static final String NO_COMPRESSION = "Compression not supported for this file format";

  private Tool tool;
  private ConvertArguments arguments;

  @Override
  public int run(Tool process, List<String> words) throws ImageException {
    tool = process;
    arguments = ConvertArguments.parse(tool, words);
    CacheMode.requireSource(tool, arguments.sourceCache);
    ProgressMeter meter = new ProgressMeter(tool, arguments.progress && !arguments.quiet, STEP);
    meter.at(0);
    List<DiskImage> sources = new ArrayList<>();
    try {
      for (String name : arguments.sources) {
        sources.add(openSource(name));
      }
      convert(sources, meter);
      meter.at(100);
    } finally {
      meter.end();
      for (DiskImage source : sources) {
        source.close();
      }
    }
    return 0;
  }

  private DiskImage openSource(String name) {
    OpenOptions open = ImageName.forReading().withForceShare(arguments.forceShare);
    ImageName image = new ImageName(name, arguments.format, arguments.imageOptions);
    if (arguments.snapshot.isEmpty()) {
      return image.open(tool, open);
    }
    if (arguments.sources.size() > 1) {
      throw tool.failure("No support for concatenating multiple snapshot");
    }
    return arguments.snapshot.get().open(tool, image, open);
  }

  private void convert(List<DiskImage> sources, ProgressMeter meter) throws ImageException {
    long size = DiskConverter.sizeOf(sources);
    boolean backing = arguments.backing.isPresent();
    Optional<CreateOptions> create = Optional.empty();
    if (arguments.skipCreate) {
      checkBacking(backing, sources.size());
      checkBitmaps(sources);
    } else {
      create = Optional.of(create(size, sources));
      backing = create.get().backing().isPresent();
    }
    try (DiskImage target = openTarget()) {
      if (arguments.bitmaps) {
        bitmaps(sources).checkTarget(target);
      }
      if (arguments.compressed && target.format() == ImageFormat.RAW) {
        throw tool.failure(NO_COMPRESSION);
      }
      if (create.isEmpty() && target.size() < size) {
        throw tool.failure("output file is smaller than input file");
      }
      copy(sources, target, options(create, backing, target), meter);
      if (arguments.bitmaps) {
        bitmaps(sources).copyTo(target);
      }
    }
  }

  private void checkBitmaps(List<DiskImage> sources) throws ImageException {
    if (!arguments.bitmaps) {
      return;
    }
    if (sources.size() > 1) {
      throw tool.failure("Copying bitmaps only possible with single source");
    }
    bitmaps(sources).checkSource();
  }

  private ConvertBitmaps bitmaps(List<DiskImage> sources) {
    return new ConvertBitmaps(tool, sources.getFirst(), arguments.skipBroken);
  }

  private void checkBacking(boolean backing, int sources) {
    if (arguments.targetIsZero && backing) {
      tool.error("Cannot use --target-is-zero when the destination image has a backing file");
      // QEMU 7.2 says so and nothing is copied, but its exit code is that of success.
      throw new ToolExit(0);
    }
    if (sources > 1 && backing) {
      throw tool.failure(
          "Having a backing file for the target makes no sense when concatenating multiple input"
              + " images");
    }
  }

  private CreateOptions create(long size, List<DiskImage> sources) throws ImageException {
    String format = arguments.targetFormat.orElseThrow();
    TargetImage target =
        new TargetImage(
            tool, Optional.of(arguments.target), format, "Unknown file format '" + format + "'");
    OptionValues values;
    try {
      values = target.values(arguments.options, arguments.backing, arguments.backingFormat);
    } catch (RefusedException e) {
      throw tool.failure(e);
    }
    boolean backing = values.has(FormatOptions.BACKING_FILE);
    checkBacking(backing, sources.size());
    if (backing && !values.has(FormatOptions.BACKING_FORMAT)) {
      throw tool.failure("Use of backing file requires explicit backing format");
    }
    if (arguments.compressed) {
      checkCompression(format, values);
    }
    checkBitmaps(sources);
    try {
      CreateOptions options = target.options(values, size);
      TargetImage.create(arguments.target, options);
      return options;
    } catch (RefusedException e) {
      throw tool.failure(arguments.target + ": error while converting " + format, e);
    }
  }

  private void checkCompression(String format, OptionValues values) {
    if (!format.equals("qcow2") && !format.equals("qcow")) {
      throw tool.failure(NO_COMPRESSION);
    }
    if (values.flag(FormatOptions.ENCRYPTION).orElse(false)
        || values.has(FormatOptions.ENCRYPT_FORMAT)) {
      throw tool.failure("Compression and encryption not supported at the same time");
    }
    if (!values.text(FormatOptions.PREALLOCATION).orElse("off").equals("off")) {
      throw tool.failure("Compression and preallocation not supported at the same time");
    }
  }

  private DiskImage openTarget() {
    CacheMode cache = CacheMode.require(tool, arguments.cache);
    OpenOptions open = ImageName.forWriting().withNoFlush(cache.noFlush());
    return new ImageName(arguments.target, arguments.targetFormat, arguments.targetImageOptions)
        .open(tool, open);
  }

  private ConvertOptions options(
      Optional<CreateOptions> create, boolean backing, DiskImage target) {
    ConvertOptions options =
        ConvertOptions.toExistingImage()
            .withMinSparse(arguments.minSparse)
            .withCompressed(arguments.compressed)
            .withSalvage(arguments.salvage);
    if (!backing) {
      boolean fresh = create.isPresent() && arguments.minSparse > 0;
      return options.withTargetIsZero(arguments.targetIsZero || fresh);
    }
    boolean known = create.isPresent() && target.backing().isPresent();
    return options.withTargetBacking(
        known ? target.backing().get().size() : ConvertOptions.UNKNOWN);
  }

  private void copy(
      List<DiskImage> sources, DiskImage target, ConvertOptions options, ProgressMeter meter) {
    int parallel = Runtime.getRuntime().availableProcessors();
    ExecutorService executor =
        Executors.newFixedThreadPool(parallel, Thread.ofPlatform().daemon().factory());
    try {
      new DiskConverter(sources, target, options, executor, parallel).run(listener(meter));
    } catch (CopyException e) {
      throw failed(e);
    } finally {
      executor.shutdown();
    }
  }

  private RuntimeException failed(CopyException e) {
    String why = Errno.of(e.reason());
    return tool.failure(
        switch (e.step()) {
          case STATUS -> "error while reading block status at offset " + e.offset() + ": " + why;
          case READ -> "error while reading at byte " + e.offset() + ": " + why;
          case WRITE, FINISH -> "error while writing at byte " + e.offset() + ": " + why;
        });
  }

  private CopyListener listener(ProgressMeter meter) {
    RateLimit limit = new RateLimit(arguments.rateLimit, tool.nanos());
    return new CopyListener() {
      @Override
      public boolean wantsProgress() {
        return meter.wanted();
      }

      @Override
      public void at(long done, long total) {
        meter.at(100f * done / total);
      }

      @Override
      public void salvaged(CopyException failure) {
        if (!arguments.quiet) {
          String what =
              failure.step() == CopyException.Step.STATUS
                  ? "error while reading block status at offset "
                  : "error while reading offset ";
          tool.warning(what + failure.offset() + ": " + Errno.of(failure.reason()));
        }
      }

      @Override
      public void beforeWrite(long bytes) {
        limit.beforeWrite(bytes);
      }
    };
  }
}
