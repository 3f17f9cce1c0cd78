package dev.monoceros.images.distro;

import dev.monoceros.images.HostArch;
import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Where maintainer scripts run as root: in namespaces of their own (unshare(1)), so that mounts and
 * processes end with the installation however it ends.
 */
enum Confinement {
  /** An ordinary user who is root in a user namespace (user_namespaces(7)) of that one user. */
  USER("--user", "--map-root-user"),
  /** Root itself, where user namespaces are forbidden. */
  ROOT();

  private final List<String> options;

  Confinement(String... options) {
    this.options = List.of(options);
  }

  /**
   * The first that this host allows. Both give the same bytes.
   *
   * @throws ImagesException HOST when it allows neither, or cannot run the programs of the guest
   */
  static Confinement ofThisHost() {
    if (HostArch.current() != HostArch.AMD64) {
      throw new ImagesException(
          ImagesException.Kind.HOST,
          "A Debian disk can be built on an x86-64 host only, because its packages' own scripts"
              + " run: build it there and copy it.");
    }
    for (Confinement one : values()) {
      if (one.works()) {
        return one;
      }
    }
    throw new ImagesException(
        ImagesException.Kind.HOST,
        "A Debian disk cannot be built here: this host gives ordinary users no user namespaces"
            + " (unshare --user --map-root-user fails), and this is not root.");
  }

  /** The command line that runs a command there. */
  List<String> commandLine(List<String> command) {
    List<String> line = new ArrayList<>(List.of("unshare"));
    line.addAll(options);
    line.addAll(List.of("--mount", "--pid", "--ipc", "--fork", "--kill-child"));
    line.addAll(command);
    return line;
  }

  private boolean works() {
    // Some hosts allow the namespace and then refuse every mount in it.
    List<String> probe = List.of("mount", "--bind", "/dev/null", "/dev/zero");
    try {
      Process process =
          new ProcessBuilder(commandLine(probe))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
