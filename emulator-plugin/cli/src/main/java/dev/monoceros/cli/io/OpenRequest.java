package dev.monoceros.cli.io;

import dev.monoceros.cli.tool.CacheMode;
import dev.monoceros.qcow.DiscardMode;
import java.util.Optional;

/**
 * Which image to open, and how.
 *
 * @param name a file name as QEMU takes it; empty if the options say which file
 * @param options {@code key=value,...}; empty text if there are none
 * @param format a driver's name; empty to probe
 * @param snapshot writes go to a temporary overlay
 * @param nativeAio Linux AIO, which QEMU takes only past the page cache
 * @param forceShare take no lock
 */
record OpenRequest(
    Optional<String> name,
    String options,
    Optional<String> format,
    boolean readOnly,
    boolean snapshot,
    boolean copyOnRead,
    CacheMode cache,
    DiscardMode discard,
    boolean nativeAio,
    boolean forceShare) {
  /** The same with some options changed. */
  OpenRequest changed(
      Optional<Boolean> newReadOnly, Optional<CacheMode> newCache, String moreOptions) {
    return new OpenRequest(
        name,
        options.isEmpty() || moreOptions.isEmpty()
            ? options + moreOptions
            : options + "," + moreOptions,
        format,
        newReadOnly.orElse(readOnly),
        snapshot,
        copyOnRead,
        newCache.orElse(cache),
        discard,
        nativeAio,
        forceShare);
  }

  /** Options of {@code qemu-io} as they are taken from a command line. */
  static final class Builder {
    private static final CacheMode WRITETHROUGH = new CacheMode(true, false, false);
    private static final CacheMode NONE = new CacheMode(false, true, false);

    private String options = "";
    private Optional<String> format = Optional.empty();
    private boolean readOnly;
    private boolean snapshot;
    private boolean copyOnRead;
    private CacheMode cache = WRITETHROUGH;
    private DiscardMode discard = DiscardMode.UNMAP;
    private boolean nativeAio;
    private boolean forceShare;

    /**
     * Takes an option that is the same on the command line and in the command {@code open}.
     *
     * @return what is wrong with it; empty if nothing is
     */
    Optional<String> take(char letter, String value) {
      switch (letter) {
        case 's' -> snapshot = true;
        case 'n' -> cache = NONE;
        case 'C' -> copyOnRead = true;
        case 'r' -> readOnly = true;
        case 'k' -> nativeAio = true;
        case 'U' -> forceShare = true;
        case 't' -> {
          Optional<CacheMode> mode = CacheMode.of(value);
          cache = mode.orElse(cache);
          return wrong(mode.isEmpty(), "cache", value);
        }
        case 'd' -> {
          boolean off = value.equals("off") || value.equals("ignore");
          discard = off ? DiscardMode.IGNORE : DiscardMode.UNMAP;
          return wrong(!off && !value.equals("on") && !value.equals("unmap"), "discard", value);
        }
        case 'i' -> {
          nativeAio = value.equals("native");
          boolean known = nativeAio || value.equals("threads") || value.equals("io_uring");
          return wrong(!known, "aio", value);
        }
        default -> throw new IllegalArgumentException("no option -" + letter);
      }
      return Optional.empty();
    }

    private static Optional<String> wrong(boolean wrong, String what, String value) {
      return wrong ? Optional.of("Invalid " + what + " option: " + value) : Optional.empty();
    }

    void format(String value) {
      format = Optional.of(value);
    }

    boolean hasFormat() {
      return format.isPresent();
    }

    /** Adds {@code key=value,...}. */
    void options(String text) {
      options = options.isEmpty() ? text : options + "," + text;
    }

    OpenRequest build(Optional<String> name) {
      return new OpenRequest(
          name,
          options,
          format,
          readOnly,
          snapshot,
          copyOnRead,
          cache,
          discard,
          nativeAio,
          forceShare);
    }
  }
}
