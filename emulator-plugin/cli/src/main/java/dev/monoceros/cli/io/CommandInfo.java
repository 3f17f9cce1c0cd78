package dev.monoceros.cli.io;

/**
 * What is known of a command before it runs, with the texts of {@code qemu-io}.
 *
 * @param alias another name, or empty
 * @param scope what has to be open
 * @param least how many words it takes at least
 * @param most how many at most, or {@link #ANY}
 * @param arguments shown in its usage; null shows nothing
 * @param summary one line
 * @param help more, or empty
 */
record CommandInfo(
    String name,
    String alias,
    Scope scope,
    int least,
    int most,
    String arguments,
    String summary,
    String help) {
  /** No limit to the number of words. */
  static final int ANY = -1;

  /** What a command needs. */
  enum Scope {
    /** Nothing. */
    ANYWHERE,
    /** An open image. */
    IMAGE,
    /** An image that no stopped request holds. */
    IDLE_IMAGE,
    /** An image that is open for writing; requests may wait behind others. */
    WRITABLE_IMAGE,
    /** An image that is open for writing and that no stopped request holds. */
    IDLE_WRITABLE_IMAGE;

    boolean writes() {
      return this == WRITABLE_IMAGE || this == IDLE_WRITABLE_IMAGE;
    }

    boolean idle() {
      return this == IDLE_IMAGE || this == IDLE_WRITABLE_IMAGE;
    }
  }

  static CommandInfo of(String name, Scope scope, int least, int most) {
    return new CommandInfo(name, "", scope, least, most, null, "", "");
  }

  CommandInfo alias(String value) {
    return new CommandInfo(name, value, scope, least, most, arguments, summary, help);
  }

  CommandInfo texts(String newArguments, String newSummary) {
    return new CommandInfo(name, alias, scope, least, most, newArguments, newSummary, help);
  }

  /** With the lines of {@code help NAME}, which stand between empty ones. */
  CommandInfo help(String lines) {
    return new CommandInfo(
        name, alias, scope, least, most, arguments, summary, "\n" + lines + "\n");
  }

  /** The line of {@code help}. */
  String helpLine(String calledAs) {
    return calledAs + " " + (arguments == null ? "" : arguments + " ") + "-- " + summary + "\n";
  }

  /** What is printed for wrong options. */
  String usage() {
    return name + " " + arguments + " -- " + summary + "\n";
  }
}
