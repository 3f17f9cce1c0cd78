package dev.monoceros.cli.io;

import dev.monoceros.cli.io.CommandInfo.Scope;
import java.util.List;
import java.util.Optional;

/** {@code open}. */
final class OpenCommand implements Command {
  private static final CommandInfo INFO =
      CommandInfo.of("open", Scope.ANYWHERE, 1, CommandInfo.ANY)
          .alias("o")
          .texts(
              "[-rsCnkU] [-t cache] [-d discard] [-o options] [path]",
              "open the file specified by path")
          .help(
              """
               opens a new file in the requested mode

               Example:
               'open -n -o driver=raw /tmp/data' - opens raw data file read-write, uncached

               Opens a file for subsequent use by all of the other qemu-io commands.
               -r, -- open file read-only
               -s, -- use snapshot file
               -C, -- use copy-on-read
               -n, -- disable host cache, short for -t none
               -U, -- force shared permissions
               -k, -- use kernel AIO implementation (Linux only, prefer use of -i)
               -i, -- use AIO mode (threads, native or io_uring)
               -t, -- use the given cache mode for the image
               -d, -- use the given discard mode for the image
               -o, -- options to be given to the block driver\
              """);

  @Override
  public CommandInfo info() {
    return INFO;
  }

  @Override
  public boolean run(Session session, Arguments arguments) {
    Output out = session.out();
    OpenRequest.Builder request = new OpenRequest.Builder();
    int option;
    while ((option = arguments.next("snCro:ki:t:d:U")) != Arguments.END) {
      if (option == Arguments.WRONG) {
        return misused(session);
      }
      if (option != 'o') {
        Optional<String> wrong = request.take((char) option, arguments.value());
        if (wrong.isPresent()) {
          out.error(wrong.get());
          return false;
        }
      } else if (session.imageOptions()) {
        out.line("--image-opts and 'open -o' are mutually exclusive");
        return false;
      } else {
        request.options(OptionTexts.explicit(arguments.value(), out));
      }
    }
    List<String> operands = arguments.operands();
    if (operands.size() > 1) {
      return misused(session);
    }
    Optional<String> name = operands.stream().findFirst();
    if (session.imageOptions() && name.isPresent()) {
      request.options(OptionTexts.explicit(name.get(), out));
      name = Optional.empty();
    }
    return Opener.open(session, request.build(name));
  }
}
