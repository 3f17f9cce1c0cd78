package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import dev.monoceros.cli.tool.Reason;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.Preallocation;
import java.util.Optional;

/** {@code truncate}. */
final class TruncateCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("truncate", Scope.IDLE_WRITABLE_IMAGE, 1, 3)
          .alias("t")
          .texts("[-m prealloc_mode] off", "truncates the current file at the given offset");

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public boolean run(Session session, Arguments arguments) {
    Preallocation preallocation = Preallocation.OFF;
    int option;
    while ((option = arguments.next("m:")) != Arguments.END) {
      if (option != 'm') {
        return misused(session);
      }
      Optional<Preallocation> mode = preallocation(arguments.value());
      if (mode.isEmpty()) {
        session.out().error("Invalid preallocation mode '" + arguments.value() + "'");
        return false;
      }
      preallocation = mode.get();
    }
    if (arguments.operands().isEmpty()) {
      // QEMU reads past the end of its arguments here.
      return misused(session);
    }
    // A wrong size is said to be the first word, whichever that is.
    long size = session.size(arguments.operands().getFirst(), arguments.firstWord());
    return size >= 0 && resize(session, size, preallocation);
  }

  private static Optional<Preallocation> preallocation(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "off" -> Preallocation.OFF;
          case "metadata" -> Preallocation.METADATA;
          case "falloc" -> Preallocation.FALLOC;
          case "full" -> Preallocation.FULL;
          default -> null;
        });
  }

  private static boolean resize(Session session, long size, Preallocation preallocation) {
    session.drain();
    try {
      session.openFile().image().resize(size, preallocation, true);
      return true;
    } catch (ImageException e) {
      session.out().error(inQemuIo(Reason.of(e)));
      return false;
    }
  }

  /** qemu-io asks for at least that size, unlike qemu-img, and a device's refusal says so. */
  private static String inQemuIo(String reason) {
    return reason.equals("Cannot resize device files") ? "Cannot grow device files" : reason;
  }
}
