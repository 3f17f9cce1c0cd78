package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.io.IOException;
import java.util.List;

/** {@code write}. */
final class WriteCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("write", Scope.IDLE_WRITABLE_IMAGE, 2, CommandInfo.ANY)
          .alias("w")
          .texts(
              "[-bcCfnquz] [-P pattern | -s source_file] off len",
              "writes a number of bytes at a specified offset")
          .help(
              """
               writes a range of bytes from the given offset

               Example:
               'write 512 1k' - writes 1 kilobyte at 512 bytes into the open file

               Writes into a segment of the currently open file, using a buffer
               filled with a set pattern (0xcdcdcdcd).
               -b, -- write to the VM state rather than the virtual disk
               -c, -- write compressed data with blk_write_compressed
               -f, -- use Force Unit Access semantics
               -n, -- with -z, don't allow slow fallback
               -p, -- ignored for backwards compatibility
               -P, -- use different pattern to fill file
               -s, -- use a pattern file to fill the write buffer
               -C, -- report statistics in a machine parsable format
               -q, -- quiet mode, do not show I/O statistics
               -u, -- with -z, allow unmapping
               -z, -- write zeroes using blk_co_pwrite_zeroes
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
    private boolean compressed;
    private boolean parsable;
    private boolean forceUnitAccess;
    private boolean noFallback;
    private boolean quiet;
    private boolean mayUnmap;
    private boolean zeroes;
    private Pattern pattern;
    private String sourceFile;

    Invocation(Session session) {
      this.session = session;
      this.out = session.out();
    }

    boolean run(Arguments arguments) {
      int option;
      while ((option = arguments.next("bcCfnpP:qs:uz")) != Arguments.END) {
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
      String conflict = conflict();
      if (conflict != null) {
        out.line(conflict);
        return false;
      }
      long offset = session.size(operands.get(0));
      if (offset < 0) {
        return false;
      }
      long bytes =
          noFallback
              ? session.size(operands.get(1))
              : session.requestLength(operands.get(1), " without -n");
      if (bytes < 0 || (vmState || compressed) && !session.sectorAligned(offset, bytes)) {
        return false;
      }
      return write(offset, bytes);
    }

    private boolean set(char option, String value) {
      switch (option) {
        case 'b' -> vmState = true;
        case 'c' -> compressed = true;
        case 'C' -> parsable = true;
        case 'f' -> forceUnitAccess = true;
        case 'n' -> noFallback = true;
        case 'q' -> quiet = true;
        case 's' -> sourceFile = value;
        case 'u' -> mayUnmap = true;
        case 'z' -> zeroes = true;
        case 'P' -> {
          pattern = Pattern.parse(value, out);
          return pattern != null;
        }
        default -> {
          // -p does nothing.
        }
      }
      return true;
    }

    /** What is wrong with the options taken together, or null. */
    private String conflict() {
      if (vmState && zeroes) {
        return "-b and -z cannot be specified at the same time";
      }
      if (forceUnitAccess && (vmState || compressed)) {
        return "-f and -b or -c cannot be specified at the same time";
      }
      if (noFallback && !zeroes) {
        return "-n requires -z to be specified";
      }
      if (mayUnmap && !zeroes) {
        return "-u requires -z to be specified";
      }
      boolean two = zeroes && pattern != null || sourceFile != null && (zeroes || pattern != null);
      return two ? "Only one of -z, -P, and -s can be specified at the same time" : null;
    }

    private boolean write(long offset, long bytes) {
      WriteStyle style = new WriteStyle(quiet, parsable);
      if (zeroes) {
        return session.perform(
            new ZeroRequest("write", offset, bytes, noFallback, mayUnmap, forceUnitAccess, style));
      }
      if (sourceFile == null) {
        return write(offset, bytes, pattern == null ? Pattern.WRITTEN : pattern, style);
      }
      try (PatternFile source = PatternFile.open(sourceFile, bytes, out)) {
        return source != null && write(offset, bytes, source, style);
      } catch (IOException e) {
        out.bareError(sourceFile + ": " + e.getMessage());
        return false;
      }
    }

    private boolean write(long offset, long bytes, Transfers.Source source, WriteStyle style) {
      Area area = vmState ? Area.VM_STATE : compressed ? Area.COMPRESSED : Area.DISK;
      return session.perform(
          new WriteRequest("write", area, offset, bytes, source, forceUnitAccess, style));
    }
  }
}
