package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.ByteCount;
import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.cli.tool.Getopt;
import dev.monoceros.cli.tool.ImageName;
import dev.monoceros.cli.tool.LongOption;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.OpenOptions;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code bench}. Requests are served one after the other, whatever the depth. */
final class BenchCommand implements ImgCommand {
  private static final int DEFAULT_COUNT = 75_000;
  private static final int DEFAULT_DEPTH = 64;
  private static final int DEFAULT_BUFFER = 4096;
  private static final int MAX_BYTE = 255;

  private static final int FLUSH_INTERVAL = 256;
  private static final int IMAGE_OPTS = 257;
  private static final int PATTERN = 258;
  private static final int NO_DRAIN = 259;
  private static final List<LongOption> OPTIONS =
      List.of(
          LongOption.flag("help", 'h'),
          LongOption.valued("flush-interval", FLUSH_INTERVAL),
          LongOption.flag("image-opts", IMAGE_OPTS),
          LongOption.valued("pattern", PATTERN),
          LongOption.flag("no-drain", NO_DRAIN),
          LongOption.flag("force-share", 'U'));

  private Optional<String> format = Optional.empty();
  private CacheMode cache = new CacheMode(false, false, false);
  private boolean nativeAio;
  private boolean imageOptions;
  private boolean forceShare;
  private boolean write;
  private int count = DEFAULT_COUNT;
  private int depth = DEFAULT_DEPTH;
  private int bufferSize = DEFAULT_BUFFER;
  private int step;
  private int pattern;
  private int flushInterval;
  private long offset;

  @Override
  public int run(Tool tool, List<String> words) throws IOException {
    Getopt options =
        new Getopt(words, ":hc:d:f:ni:o:qs:S:t:wU", OPTIONS, tool.posix(), tool::errorText);
    for (int c = options.next(); c != Getopt.END; c = options.next()) {
      if (c == 'h') {
        return ImgHelp.print(tool);
      }
      take(tool, options, c);
    }
    if (options.operands().size() != 1) {
      throw tool.usage("Expecting one image file name");
    }
    if (!write && flushInterval > 0) {
      throw tool.failure("--flush-interval is only available in write tests");
    }
    if (flushInterval > 0 && flushInterval < depth) {
      throw tool.failure("Flush interval can't be smaller than depth");
    }
    return open(tool, options.operands().getFirst());
  }

  private void take(Tool tool, Getopt options, int c) {
    String text = options.argument();
    switch (c) {
      case 'c' -> count = number(tool, text, Integer.MAX_VALUE, "Invalid request count specified");
      case 'd' -> depth = number(tool, text, Integer.MAX_VALUE, "Invalid queue depth specified");
      case 'f' -> format = Optional.of(text);
      case 'n' -> nativeAio = true;
      case 'i' -> aio(tool, text);
      case 'o' -> offset = size(tool, "offset", text, Long.MAX_VALUE);
      case 'q' -> {
        // Accepted; it hides nothing in QEMU either.
      }
      case 's' -> bufferSize = (int) size(tool, "buffer size", text, Integer.MAX_VALUE);
      case 'S' -> step = (int) size(tool, "step_size", text, Integer.MAX_VALUE);
      case 't' -> cache = CacheMode.of(text).orElseThrow(() -> tool.failure("Invalid cache mode"));
      case 'w' -> write = true;
      case 'U' -> forceShare = true;
      case PATTERN -> pattern = number(tool, text, MAX_BYTE, "Invalid pattern byte specified");
      case FLUSH_INTERVAL ->
          flushInterval = number(tool, text, Integer.MAX_VALUE, "Invalid flush interval specified");
      case NO_DRAIN -> {
        // With one request at a time the queue is always drained.
      }
      case IMAGE_OPTS -> imageOptions = true;
      default -> throw tool.badOption(options, c);
    }
  }

  private static int number(Tool tool, String text, int most, String complaint) {
    OptionalLong value = CNumber.parse(text, 0, most);
    return (int) value.orElseThrow(() -> tool.failure(complaint));
  }

  private static long size(Tool tool, String what, String text, long most) {
    return ByteCount.read(tool, what, text, 0, most).orElseThrow(() -> new ToolExit(1));
  }

  private void aio(Tool tool, String text) {
    nativeAio =
        switch (text) {
          case "threads", "io_uring" -> false;
          case "native" -> true;
          default -> throw tool.failure("Invalid aio option: " + text);
        };
  }

  private int open(Tool tool, String name) throws IOException {
    if (nativeAio && !cache.direct()) {
      throw tool.failure(
          "Could not open '"
              + name
              + "': aio=native was specified, but it requires cache.direct=on, which was not"
              + " specified.");
    }
    OpenOptions open =
        (write ? ImageName.forWriting() : ImageName.forReading())
            .withForceShare(forceShare)
            .withNoFlush(cache.noFlush());
    try (DiskImage image = new ImageName(name, format, imageOptions).open(tool, open)) {
      announce(tool);
      tool.flush();
      BenchRun run = new BenchRun(image, bufferSize, pattern, step == 0 ? bufferSize : step);
      long start = tool.nanos().getAsLong();
      if (write) {
        run.write(offset, count, flushInterval, cache.writeThrough());
      } else {
        run.read(offset, count);
      }
      double seconds = (tool.nanos().getAsLong() - start) / 1e9;
      tool.print(String.format(Locale.ROOT, "Run completed in %3.3f seconds.\n", seconds));
      return 0;
    } catch (ImageException e) {
      throw tool.failure("Failed request: " + Errno.of(e));
    } catch (IndexOutOfBoundsException e) {
      throw tool.failure("Failed request: " + Errno.IO);
    }
  }

  private void announce(Tool tool) {
    tool.print(
        "Sending "
            + count
            + (write ? " write" : " read")
            + " requests, "
            + bufferSize
            + " bytes each, "
            + depth
            + " in parallel (starting at offset "
            + offset
            + ", step size "
            + (step == 0 ? bufferSize : step)
            + ")\n");
    if (flushInterval > 0) {
      tool.print("Sending flush every " + flushInterval + " requests\n");
    }
  }
}
