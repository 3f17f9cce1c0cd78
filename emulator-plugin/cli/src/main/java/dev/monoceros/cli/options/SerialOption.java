package dev.monoceros.cli.options;

import dev.monoceros.cli.console.SerialTarget;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The value of {@code --serial2}, in the words of QEMU's {@code -serial}. */
public final class SerialOption {
  private static final int LAST_PORT = 65535;

  /** An IPv6 address is in brackets. */
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?:\\[(?<six>[0-9a-fA-F:.]+)]|(?<name>[^:\\[\\]]+)):(?<port>[0-9]{1,5})");

  private static final String KNOWN =
      "there are file:PATH[,input=FILE], unix:PATH[,server=on], tcp:HOST:PORT[,server=on] and none";

  private SerialOption() {}

  /**
   * Reads a target.
   *
   * @throws OptionException saying what is wrong and what there is
   */
  public static SerialTarget parse(String text) {
    if (text.equals("none")) {
      return new SerialTarget.None();
    }
    List<String> parts = CommaList.split(text);
    String first = parts.getFirst();
    int colon = first.indexOf(':');
    String kind = colon < 0 ? first : first.substring(0, colon);
    String where = colon < 0 ? "" : first.substring(colon + 1);
    List<String> settings = parts.subList(1, parts.size());
    return switch (kind) {
      case "file" -> new SerialTarget.Files(path(text, where), input(settings));
      case "unix" -> new SerialTarget.Unix(path(text, where), server(settings));
      case "tcp" -> tcp(where, server(settings));
      default -> throw new OptionException("'" + text + "' is no serial line: " + KNOWN);
    };
  }

  private static SerialTarget tcp(String where, boolean server) {
    Matcher matcher = HOST_AND_PORT.matcher(where);
    if (!matcher.matches()) {
      throw new OptionException("'" + where + "' is not HOST:PORT");
    }
    int port = Integer.parseInt(matcher.group("port"));
    if (port == 0 || port > LAST_PORT) {
      throw new OptionException("the port " + port + " is not between 1 and " + LAST_PORT);
    }
    String six = matcher.group("six");
    return new SerialTarget.Tcp(six == null ? matcher.group("name") : six, port, server);
  }

  private static Optional<Path> input(List<String> settings) {
    Optional<Path> input = Optional.empty();
    for (String setting : settings) {
      if (!setting.startsWith("input=")) {
        throw unknown(setting);
      }
      input = Optional.of(path(setting, setting.substring("input=".length())));
    }
    return input;
  }

  private static boolean server(List<String> settings) {
    boolean server = false;
    for (String setting : settings) {
      server =
          switch (setting) {
            case "server", "server=on" -> true;
            case "server=off" -> false;
            default -> throw unknown(setting);
          };
    }
    return server;
  }

  private static OptionException unknown(String setting) {
    return new OptionException("'" + setting + "' is no setting here: " + KNOWN);
  }

  private static Path path(String whole, String name) {
    if (name.isEmpty()) {
      throw new OptionException("'" + whole + "' names no file");
    }
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new OptionException("'" + name + "' is no file name");
    }
  }
}
