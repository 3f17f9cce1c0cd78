package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.List;

/** {@code writev}. */
final class VectorWriteCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("writev", Scope.IDLE_WRITABLE_IMAGE, 2, CommandInfo.ANY)
          .texts(
              "[-Cfq] [-P pattern] off len [len..]",
              "writes a number of bytes at a specified offset")
          .help(
              """
               writes a range of bytes from the given offset source from multiple buffers

               Example:
               'writev 512 1k 1k' - writes 2 kilobytes at 512 bytes into the open file

               Writes into a segment of the currently open file, using a buffer
               filled with a set pattern (0xcdcdcdcd).
               -P, -- use different pattern to fill file
               -C, -- report statistics in a machine parsable format
               -f, -- use Force Unit Access semantics
               -q, -- quiet mode, do not show I/O statistics
              """);

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public boolean run(Session session, Arguments arguments) {
    boolean quiet = false;
    boolean parsable = false;
    boolean forceUnitAccess = false;
    Pattern pattern = Pattern.WRITTEN;
    int option;
    while ((option = arguments.next("CfP:q")) != Arguments.END) {
      switch (option) {
        case 'C' -> parsable = true;
        case 'f' -> forceUnitAccess = true;
        case 'q' -> quiet = true;
        case 'P' -> {
          pattern = Pattern.parse(arguments.value(), session.out());
          if (pattern == null) {
            return false;
          }
        }
        default -> {
          return misused(session);
        }
      }
    }
    List<String> operands = arguments.operands();
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
    WriteStyle style = new WriteStyle(quiet, parsable);
    return session.perform(
        new WriteRequest("writev", Area.DISK, offset, bytes, pattern, forceUnitAccess, style));
  }
}
