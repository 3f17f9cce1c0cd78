package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import dev.monoceros.qcow.DiscardMode;
import dev.monoceros.qcow.ImageException;
import java.util.List;

/** {@code discard}. */
final class DiscardCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("discard", Scope.IDLE_WRITABLE_IMAGE, 2, CommandInfo.ANY)
          .alias("d")
          .texts("[-Cq] off len", "discards a number of bytes at a specified offset")
          .help(
              """
               discards a range of bytes from the given offset

               Example:
               'discard 512 1k' - discards 1 kilobyte from 512 bytes into the file

               Discards a segment of the currently open file.
               -C, -- report statistics in a machine parsable format
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
    int option;
    while ((option = arguments.next("Cq")) != Arguments.END) {
      switch (option) {
        case 'C' -> parsable = true;
        case 'q' -> quiet = true;
        default -> {
          return misused(session);
        }
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
    return bytes >= 0 && discard(session, offset, bytes, quiet, parsable);
  }

  private static boolean discard(
      Session session, long offset, long bytes, boolean quiet, boolean parsable) {
    OpenFile file = session.openFile();
    try {
      Transfers.requireRange(file, Area.DISK, offset, bytes);
      long nanos = session.run(() -> discard(file, offset, bytes));
      if (!quiet) {
        Report.print(session.out(), "discard", nanos, offset, bytes, parsable);
      }
      return true;
    } catch (RequestFailure e) {
      session.out().line("discard failed: " + e.errno().text());
      return false;
    }
  }

  private static void discard(OpenFile file, long offset, long bytes) throws ImageException {
    if (file.request().discard() == DiscardMode.UNMAP) {
      file.image().discard(offset, bytes);
    }
  }
}
