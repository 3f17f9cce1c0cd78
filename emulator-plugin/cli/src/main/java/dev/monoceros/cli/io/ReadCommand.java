package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.List;

/** {@code read}. */
final class ReadCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("read", Scope.IDLE_IMAGE, 2, CommandInfo.ANY)
          .alias("r")
          .texts(
              "[-abCqv] [-P pattern [-s off] [-l len]] off len",
              "reads a number of bytes at a specified offset")
          .help(
              """
               reads a range of bytes from the given offset

               Example:
               'read -v 512 1k' - dumps 1 kilobyte read from 512 bytes into the file

               Reads a segment of the currently open file, optionally dumping it to the
               standard output stream (with -v option) for subsequent inspection.
               -b, -- read from the VM state rather than the virtual disk
               -C, -- report statistics in a machine parsable format
               -l, -- length for pattern verification (only with -P)
               -p, -- ignored for backwards compatibility
               -P, -- use a pattern to verify read data
               -q, -- quiet mode, do not show I/O statistics
               -s, -- start offset for pattern verification (only with -P)
               -v, -- dump buffer to standard output
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
    private final Output out;
    private boolean vmState;
    private boolean parsable;
    private boolean quiet;
    private boolean dump;
    private Pattern pattern;
    private boolean range;
    private long rangeStart;
    private long rangeLength = -1;

    Invocation(Session session) {
      this.session = session;
      this.out = session.out();
    }

    boolean run(Arguments arguments) {
      int option;
      while ((option = arguments.next("bCl:pP:qs:v")) != Arguments.END) {
        if (option == Arguments.WRONG) {
          return misused(session);
        }
        if (!set((char) option, arguments.value())) {
          return false;
        }
      }
      List<String> operands = arguments.operands();
      if (operands.size() != 2) {
        return misused(session);
      }
      long offset = session.size(operands.get(0));
      if (offset < 0) {
        return false;
      }
      long bytes = session.requestLength(operands.get(1), "");
      return bytes >= 0 && consistent(offset, bytes) && read(offset, bytes);
    }

    private boolean set(char option, String value) {
      switch (option) {
        case 'b' -> vmState = true;
        case 'C' -> parsable = true;
        case 'q' -> quiet = true;
        case 'v' -> dump = true;
        case 'P' -> {
          pattern = Pattern.parse(value, out);
          return pattern != null;
        }
        case 's' -> {
          range = true;
          rangeStart = session.size(value);
          return rangeStart >= 0;
        }
        case 'l' -> {
          range = true;
          rangeLength = session.size(value);
          return rangeLength >= 0;
        }
        default -> {
          // -p does nothing.
        }
      }
      return true;
    }

    private boolean consistent(long offset, long bytes) {
      if (pattern == null && range) {
        return misused(session);
      }
      if (rangeLength < 0) {
        rangeLength = bytes - rangeStart;
      }
      if (rangeLength < 0 || rangeStart > bytes - rangeLength) {
        out.line("pattern verification range exceeds end of read data");
        return false;
      }
      return !vmState || session.sectorAligned(offset, bytes);
    }

    private boolean read(long offset, long bytes) {
      PatternCheck check =
          pattern == null ? null : new PatternCheck(pattern, rangeStart, rangeLength);
      Area area = vmState ? Area.VM_STATE : Area.DISK;
      ReadStyle style = new ReadStyle(quiet, dump, parsable);
      return session.perform(new ReadRequest("read", area, offset, bytes, check, style));
    }
  }
}
