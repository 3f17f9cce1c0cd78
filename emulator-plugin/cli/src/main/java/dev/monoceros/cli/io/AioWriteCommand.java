package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.List;

/** {@code aio_write}. */
final class AioWriteCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("aio_write", Scope.WRITABLE_IMAGE, 2, CommandInfo.ANY)
          .texts(
              "[-Cfiquz] [-P pattern] off len [len..]", "asynchronously writes a number of bytes")
          .help(
              """
               asynchronously writes a range of bytes from the given offset source
               from multiple buffers

               Example:
               'aio_write 512 1k 1k' - writes 2 kilobytes at 512 bytes into the open file

               Writes into a segment of the currently open file, using a buffer
               filled with a set pattern (0xcdcdcdcd).
               The write is performed asynchronously and the aio_flush command must be
               used to ensure all outstanding aio requests have been completed.
               Note that due to its asynchronous nature, this command will be
               considered successful once the request is submitted, independently
               of potential I/O errors or pattern mismatches.
               -P, -- use different pattern to fill file
               -C, -- report statistics in a machine parsable format
               -f, -- use Force Unit Access semantics
               -i, -- treat request as invalid, for exercising stats
               -q, -- quiet mode, do not show I/O statistics
               -u, -- with -z, allow unmapping
               -z, -- write zeroes using blk_aio_pwrite_zeroes
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
    private boolean parsable;
    private boolean quiet;
    private boolean forceUnitAccess;
    private boolean mayUnmap;
    private boolean zeroes;
    private Pattern pattern = Pattern.WRITTEN;

    Invocation(Session session) {
      this.session = session;
      this.out = session.out();
    }

    boolean run(Arguments arguments) {
      int option;
      while ((option = arguments.next("CfiP:quz")) != Arguments.END) {
        switch (option) {
          case 'C' -> parsable = true;
          case 'f' -> forceUnitAccess = true;
          case 'q' -> quiet = true;
          case 'u' -> mayUnmap = true;
          case 'z' -> zeroes = true;
          case 'P' -> {
            pattern = Pattern.parse(arguments.value(), out);
            if (pattern == null) {
              return false;
            }
          }
          case 'i' -> {
            out.line("injecting invalid write request");
            return true;
          }
          default -> {
            return misused(session);
          }
        }
      }
      return consistent(arguments.operands()) && submit(arguments.operands());
    }

    private boolean consistent(List<String> operands) {
      if (operands.size() < 2) {
        return misused(session);
      }
      if (zeroes && operands.size() > 2) {
        out.line("-z supports only a single length parameter");
        return false;
      }
      if (mayUnmap && !zeroes) {
        out.line("-u requires -z to be specified");
        return false;
      }
      // QEMU has a message for -z with -P, but never gives it.
      return true;
    }

    private boolean submit(List<String> operands) {
      long offset = session.size(operands.getFirst());
      if (offset < 0) {
        return false;
      }
      WriteStyle style = new WriteStyle(quiet, parsable);
      if (zeroes) {
        long bytes = session.size(operands.get(1));
        return bytes >= 0
            && session.submit(
                new ZeroRequest(
                    "aio_write", offset, bytes, false, mayUnmap, forceUnitAccess, style));
      }
      long bytes = session.vectorLength(operands.subList(1, operands.size()));
      return bytes >= 0
          && session.submit(
              new WriteRequest(
                  "aio_write", Area.DISK, offset, bytes, pattern, forceUnitAccess, style));
    }
  }
}
