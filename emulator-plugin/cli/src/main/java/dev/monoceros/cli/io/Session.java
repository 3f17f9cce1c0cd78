package dev.monoceros.cli.io;

import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.graph.Breakpoints;
import dev.monoceros.qcow.graph.GraphOptions;
import dev.monoceros.qcow.graph.ThrottleGroup;
import java.util.List;
import java.util.Optional;

/** What the commands share: the open image, outstanding requests, output and the process. */
final class Session {
  private static final int SECTOR = 512;

  private final Output out;
  private final Host host;
  private final boolean imageOptions;
  private final Transfers transfers;
  private final AioQueue aio;
  private final GraphOptions graphOptions;
  private OpenFile file;
  private boolean ended;

  /**
   * @param imageOptions names of images are option texts, {@code --image-opts}
   * @param throttleGroups that images may name
   */
  Session(Output out, Host host, boolean imageOptions, List<ThrottleGroup> throttleGroups) {
    this.out = out;
    this.host = host;
    this.imageOptions = imageOptions;
    this.transfers = new Transfers(host.clock());
    this.aio = new AioQueue(out, transfers, host.clock());
    this.graphOptions =
        GraphOptions.defaults()
            .withThrottleGroups(throttleGroups)
            .withTime(host.clock(), host::sleepNanos)
            .withWarnings(warning -> out.error("warning: " + warning))
            .withBreakpoints(Optional.of(aio.breakpoints()));
  }

  Output out() {
    return out;
  }

  Host host() {
    return host;
  }

  boolean imageOptions() {
    return imageOptions;
  }

  /** What images are opened with besides their own options. */
  GraphOptions graphOptions() {
    return graphOptions;
  }

  /** The open image. */
  Optional<OpenFile> file() {
    return Optional.ofNullable(file);
  }

  /** The open image, for commands whose scope says that there is one. */
  OpenFile openFile() {
    return file;
  }

  /** The image to be used from now on. */
  void use(OpenFile opened) {
    file = opened;
  }

  /** Completes what is outstanding, stopped requests too, and closes the image, if any. */
  void close() {
    aio.finish(file);
    if (file == null) {
      return;
    }
    try {
      file.image().close();
    } catch (ImageException e) {
      out.error(e.getMessage());
    }
    file = null;
  }

  /** The commands are to end with this one. */
  void end() {
    ended = true;
  }

  boolean ended() {
    return ended;
  }

  /** Carries out a request now, after those that are outstanding. */
  boolean perform(Request request) {
    aio.drain(file);
    return aio.breakpoints().armed()
        ? aio.perform(file, request)
        : request.perform(file, transfers, out, Stopwatch.IMAGE_ONLY);
  }

  /** Leaves a request to be carried out when somebody waits. */
  boolean submit(Request request) {
    aio.submit(file, request);
    return true;
  }

  /** Breakpoints of the image's graph. */
  Breakpoints breakpoints() {
    return aio.breakpoints();
  }

  /** Requests that came before a breakpoint are not stopped by it. */
  void startOutstanding() {
    aio.start(file);
  }

  /** A request was resumed: it goes on now. */
  void goOn() {
    aio.goOn(file);
  }

  /** Says so if a stopped request holds the image. */
  boolean held() {
    String tag = aio.suspended();
    if (tag != null) {
      out.error("request '" + tag + "' is suspended and holds the image");
    }
    return tag != null;
  }

  /** Completes what is outstanding, as far as no stopped request holds the image. */
  void drain() {
    aio.drain(file);
  }

  /** Something done with the image now, after what is outstanding; returns how many ns it took. */
  long run(Transfers.Operation operation) throws RequestFailure {
    aio.drain(file);
    return transfers.run(operation);
  }

  /** A size in bytes; says what is wrong and returns a negative number if it is none. */
  long size(String text) {
    return size(text, text);
  }

  /**
   * The same.
   *
   * @param shown what a message quotes
   */
  long size(String text, String shown) {
    long value = Numbers.size(text, out);
    if (value == Numbers.TOO_LARGE) {
      out.line("Parsing error: argument too large -- " + shown);
    } else if (value < 0) {
      out.line(
          "Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- " + shown);
    }
    return value;
  }

  /** The length of one request; negative if it is none. */
  long requestLength(String text, String condition) {
    long bytes = size(text);
    if (bytes > Transfers.MAX_BYTES) {
      out.line("length cannot exceed " + Transfers.MAX_BYTES + condition + ", given " + text);
      return Numbers.TOO_LARGE;
    }
    return bytes;
  }

  /** The length of a request in several buffers; negative if it is none. */
  long vectorLength(List<String> lengths) {
    long total = 0;
    for (String text : lengths) {
      long bytes = size(text);
      if (bytes < 0) {
        return bytes;
      }
      if (bytes > Transfers.MAX_BYTES) {
        out.line("Argument '" + text + "' exceeds maximum size " + Transfers.MAX_BYTES);
        return Numbers.TOO_LARGE;
      }
      total += bytes;
      if (total > Transfers.MAX_BYTES) {
        out.line("The total number of bytes exceed the maximum size " + Transfers.MAX_BYTES);
        return Numbers.TOO_LARGE;
      }
    }
    return total;
  }

  /** Says so if a request is not in whole sectors. */
  boolean sectorAligned(long offset, long bytes) {
    if (offset % SECTOR != 0) {
      out.line(offset + " is not a sector-aligned value for 'offset'");
      return false;
    }
    if (bytes % SECTOR != 0) {
      out.line(bytes + " is not a sector-aligned value for 'count'");
      return false;
    }
    return true;
  }
}
