package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.List;

/** {@code readv} and {@code aio_read}. */
final class VectorReadCommand implements Command {
  private static final CommandInfo READV =
      CommandInfo.of("readv", Scope.IDLE_IMAGE, 2, CommandInfo.ANY)
          .texts(
              "[-Cqv] [-P pattern] off len [len..]",
              "reads a number of bytes at a specified offset")
          .help(
              """
               reads a range of bytes from the given offset into multiple buffers

               Example:
               'readv -v 512 1k 1k ' - dumps 2 kilobytes read from 512 bytes into the file

               Reads a segment of the currently open file, optionally dumping it to the
               standard output stream (with -v option) for subsequent inspection.
               Uses multiple iovec buffers if more than one byte range is specified.
               -C, -- report statistics in a machine parsable format
               -P, -- use a pattern to verify read data
               -v, -- dump buffer to standard output
               -q, -- quiet mode, do not show I/O statistics
              """);

  private static final CommandInfo AIO_READ =
      CommandInfo.of("aio_read", Scope.IMAGE, 2, CommandInfo.ANY)
          .texts("[-Ciqv] [-P pattern] off len [len..]", "asynchronously reads a number of bytes")
          .help(
              """
               asynchronously reads a range of bytes from the given offset

               Example:
               'aio_read -v 512 1k 1k ' - dumps 2 kilobytes read from 512 bytes into the file

               Reads a segment of the currently open file, optionally dumping it to the
               standard output stream (with -v option) for subsequent inspection.
               The read is performed asynchronously and the aio_flush command must be
               used to ensure all outstanding aio requests have been completed.
               Note that due to its asynchronous nature, this command will be
               considered successful once the request is submitted, independently
               of potential I/O errors or pattern mismatches.
               -C, -- report statistics in a machine parsable format
               -P, -- use a pattern to verify read data
               -i, -- treat request as invalid, for exercising stats
               -v, -- dump buffer to standard output
               -q, -- quiet mode, do not show I/O statistics
              """);

  private final CommandInfo info;
  private final boolean waits;

  private VectorReadCommand(CommandInfo info, boolean waits) {
    this.info = info;
    this.waits = waits;
  }

  static VectorReadCommand readv() {
    return new VectorReadCommand(READV, true);
  }

  static VectorReadCommand aioRead() {
    return new VectorReadCommand(AIO_READ, false);
  }

  @Override
  public CommandInfo info() {
    return info;
  }

  @Override
  public boolean run(Session session, Arguments arguments) {
    boolean quiet = false;
    boolean dump = false;
    boolean parsable = false;
    Pattern pattern = null;
    int option;
    while ((option = arguments.next(waits ? "CP:qv" : "CiP:qv")) != Arguments.END) {
      switch (option) {
        case 'C' -> parsable = true;
        case 'q' -> quiet = true;
        case 'v' -> dump = true;
        case 'P' -> {
          pattern = Pattern.parse(arguments.value(), session.out());
          if (pattern == null) {
            return false;
          }
        }
        case 'i' -> {
          session.out().line("injecting invalid read request");
          return true;
        }
        default -> {
          return misused(session);
        }
      }
    }
    return request(session, arguments.operands(), pattern, new ReadStyle(quiet, dump, parsable));
  }

  private boolean request(
      Session session, List<String> operands, Pattern pattern, ReadStyle style) {
    if (operands.size() < 2) {
      return misused(session);
    }
    long offset = session.size(operands.getFirst());
    if (offset < 0) {
      return false;
    }
    long bytes = session.vectorLength(operands.subList(1, operands.size()));
    if (bytes < 0) {
      return false;
    }
    PatternCheck check = pattern == null ? null : new PatternCheck(pattern, 0, bytes);
    // The message of a failed aio_read names readv, too.
    Request request = new ReadRequest("readv", Area.DISK, offset, bytes, check, style);
    return waits ? session.perform(request) : session.submit(request);
  }
}
