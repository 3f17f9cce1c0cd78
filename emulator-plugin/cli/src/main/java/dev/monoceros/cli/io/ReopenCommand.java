package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import dev.monoceros.cli.tool.CacheMode;
import java.util.Optional;

/** {@code reopen}. */
final class ReopenCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("reopen", Scope.IDLE_IMAGE, 0, CommandInfo.ANY)
          .texts("[(-r|-w)] [-c cache] [-o options]", "reopens an image with new options")
          .help(
              """
               Changes the open options of an already opened image

               Example:
               'reopen -o lazy-refcounts=on' - activates lazy refcount writeback on a qcow2 image

               -r, -- Reopen the image read-only
               -w, -- Reopen the image read-write
               -c, -- Change the cache mode to the given value
               -o, -- Changes block driver options (cf. 'open' command)
              """);

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public boolean run(Session session, Arguments arguments) {
    return new Invocation(session).run(arguments);
  }

  /** The options of one call. */
  private final class Invocation {
    private final Session session;
    private Optional<Boolean> readOnly = Optional.empty();
    private Optional<CacheMode> cache = Optional.empty();
    private String options = "";

    Invocation(Session session) {
      this.session = session;
    }

    boolean run(Arguments arguments) {
      int option;
      while ((option = arguments.next("c:o:rw")) != Arguments.END) {
        switch (option) {
          case 'c' -> {
            cache = CacheMode.of(arguments.value());
            if (cache.isEmpty()) {
              return failed("Invalid cache option: " + arguments.value());
            }
          }
          case 'o' -> {
            String more = OptionTexts.explicit(arguments.value(), session.out());
            options = options.isEmpty() ? more : options + "," + more;
          }
          case 'r', 'w' -> {
            if (readOnly.isPresent()) {
              return failed("Only one -r/-w option may be given");
            }
            readOnly = Optional.of(option == 'r');
          }
          default -> {
            return misused(session);
          }
        }
      }
      return arguments.operands().isEmpty() ? consistent() && reopen() : misused(session);
    }

    private boolean failed(String sentence) {
      session.out().error(sentence);
      return false;
    }

    private boolean has(String key) {
      return ("," + options).contains("," + key + "=")
          || ("," + options + ",").contains("," + key + ",");
    }

    private boolean consistent() {
      if (readOnly.isPresent() && has("read-only")) {
        return failed("Cannot set both -r/-w and 'read-only'");
      }
      if (cache.isPresent() && (has("cache.direct") || has("cache.no-flush"))) {
        return failed("Cannot set both -c and the cache options");
      }
      return true;
    }

    private boolean reopen() {
      return Opener.reopen(session, readOnly, cache, options);
    }
  }
}
