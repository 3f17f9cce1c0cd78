package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs lines of text as commands. */
final class Interpreter {
  private final Session session;
  private final Commands commands;
  private final boolean posix;

  /**
   * @param posix commands take no options after operands
   */
  Interpreter(Session session, Commands commands, boolean posix) {
    this.session = session;
    this.commands = commands;
    this.posix = posix;
  }

  /** Runs one line; false if it failed. */
  boolean run(String line) {
    List<String> words = words(line);
    if (words.isEmpty()) {
      return true;
    }
    Optional<Command> command = commands.find(words.getFirst());
    if (command.isEmpty()) {
      session.out().bareError("command \"" + words.getFirst() + "\" not found");
      return false;
    }
    return allowed(command.get().info(), words)
        && command.get().run(session, new Arguments(words, posix, session.out()));
  }

  /** Spaces part words, nothing else does, and there are no quotes. */
  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    int at = 0;
    int length = line.length();
    while (at < length) {
      int end = line.indexOf(' ', at);
      if (end < 0) {
        end = length;
      }
      if (end > at) {
        words.add(line.substring(at, end));
      }
      at = end + 1;
    }
    return words;
  }

  private boolean allowed(CommandInfo info, List<String> words) {
    Optional<OpenFile> file = session.file();
    if (info.scope() != Scope.ANYWHERE && file.isEmpty()) {
      session.out().bareError("no file open, try 'help open'");
      return false;
    }
    int count = words.size() - 1;
    if (count < info.least() || info.most() != CommandInfo.ANY && count > info.most()) {
      session
          .out()
          .bareError(
              "bad argument count "
                  + count
                  + " to "
                  + words.getFirst()
                  + ", expected "
                  + expected(info)
                  + " arguments");
      return false;
    }
    if (info.scope().writes() && file.get().readOnly()) {
      session.out().error("Block node is read-only");
      return false;
    }
    return !info.scope().idle() || !session.held();
  }

  private static String expected(CommandInfo info) {
    if (info.most() == CommandInfo.ANY) {
      return "at least " + info.least();
    }
    return info.least() == info.most()
        ? Integer.toString(info.least())
        : "between " + info.least() + " and " + info.most();
  }
}
