package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.ProgressMeter;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.qcow.BackingPolicy;
import dev.monoceros.qcow.CreateOptions;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import dev.monoceros.qcow.Preallocation;
import dev.monoceros.qcow.copy.ConvertOptions;
import dev.monoceros.qcow.copy.CopyException;
import dev.monoceros.qcow.copy.CopyListener;
import dev.monoceros.qcow.copy.DiskConverter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** {@code convert}. */
final class ConvertCommand implements ImgCommand {
  private static final float STEP = 1;

  private Tool tool;
  private ConvertArguments arguments;

  @Override
  public int run(Tool process, List<String> words) throws ImageException {
    tool = process;
    arguments = ConvertArguments.parse(tool, words);
    if (CacheMode.of(arguments.sourceCache).isEmpty()) {
      throw tool.failure("Invalid source cache option: " + arguments.sourceCache);
    }
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
    return new ImageName(name, arguments.format, arguments.imageOptions).open(tool, open);
  }

  private void convert(List<DiskImage> sources, ProgressMeter meter) throws ImageException {
    long size = DiskConverter.sizeOf(sources);
    Optional<CreateOptions> create = creation(sources.size(), size);
    if (create.isPresent()) {
      create(create.get());
    }
    try (DiskImage target = openTarget()) {
      if (arguments.compressed && target.format() == ImageFormat.RAW) {
        throw tool.failure("Compression not supported for this file format");
      }
      if (create.isEmpty() && target.size() < size) {
        throw tool.failure("output file is smaller than input file");
      }
      copy(sources, target, options(create, target), meter);
    }
  }

  private Optional<CreateOptions> creation(int sources, long size) {
    Optional<CreateOptions> create = Optional.empty();
    boolean backing = arguments.backing.isPresent();
    if (!arguments.skipCreate) {
      create =
          Optional.of(
              NewImage.options(
                  tool,
                  arguments.targetFormat.orElseThrow(),
                  arguments.options,
                  size,
                  arguments.backing,
                  arguments.backingFormat));
      backing |= create.get().backing().isPresent();
    }
    if (arguments.targetIsZero && backing) {
      throw tool.failure(
          "Cannot use --target-is-zero when the destination image has a backing file");
    }
    if (sources > 1 && backing) {
      throw tool.failure(
          "Having a backing file for the target makes no sense when concatenating multiple input"
              + " images");
    }
    if (create.isPresent() && backing && create.get().backing().get().format().isEmpty()) {
      throw tool.failure("Use of backing file requires explicit backing format");
    }
    if (create.isPresent() && arguments.compressed) {
      checkCompression(create.get());
    }
    return create;
  }

  private void checkCompression(CreateOptions create) {
    if (create.format() == ImageFormat.RAW) {
      throw tool.failure("Compression not supported for this file format");
    }
    if (create.preallocation() != Preallocation.OFF) {
      throw tool.failure("Compression and preallocation not supported at the same time");
    }
  }

  private void create(CreateOptions create) {
    try {
      DiskImage.create(Path.of(arguments.target), create).close();
    } catch (ImageException e) {
      throw tool.failure(
          arguments.target
              + ": error while converting "
              + create.format().qemuName()
              + ": "
              + Reason.of(e));
    }
  }

  private DiskImage openTarget() {
    if (CacheMode.of(arguments.cache).isEmpty()) {
      throw tool.failure("Invalid cache option: " + arguments.cache);
    }
    OpenOptions open = OpenOptions.defaults().withBacking(BackingPolicy.ALLOW);
    return new ImageName(arguments.target, arguments.targetFormat, arguments.targetImageOptions)
        .open(tool, open);
  }

  private ConvertOptions options(Optional<CreateOptions> create, DiskImage target) {
    boolean backing = arguments.backing.isPresent();
    boolean fresh = create.isPresent() && arguments.minSparse > 0;
    ConvertOptions options =
        ConvertOptions.toExistingImage()
            .withMinSparse(arguments.minSparse)
            .withCompressed(arguments.compressed)
            .withSalvage(arguments.salvage);
    if (create.isPresent() && create.get().backing().isPresent()) {
      return options.withTargetBacking(
          target.backing().map(DiskImage::size).orElse(ConvertOptions.UNKNOWN));
    }
    if (backing) {
      return options.withTargetBacking(ConvertOptions.UNKNOWN);
    }
    return options.withTargetIsZero(arguments.targetIsZero || fresh);
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
    boolean shown = arguments.progress && !arguments.quiet;
    return new CopyListener() {
      @Override
      public void at(long done, long total) {
        if (shown) {
          meter.at(100f * done / total);
        }
      }

      @Override
      public boolean wantsProgress() {
        return shown;
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
