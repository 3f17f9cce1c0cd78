package dev.monoceros.images;

import dev.monoceros.images.Acquisition.Unpacked;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes command lines for programs of an unpacked closure. The tree's own dynamic loader is started
 * by name with the tree's library path (ld.so(8)), so host and tree never mix libraries.
 */
final class ToolFactory {
  private final Unpacked unpacked;
  private final HostArch architecture = HostArch.current();

  ToolFactory(Unpacked unpacked) {
    this.unpacked = unpacked;
  }

  /** A program below {@code usr}; the fixed arguments come before the caller's. */
  Tool tool(String programBelowUsr, Map<String, String> environment, List<String> fixedArguments) {
    Path program = PackageCache.file(unpacked, "usr/" + programBelowUsr);
    List<String> command = new ArrayList<>();
    command.add(
        PackageCache.file(
                unpacked, "usr/lib/" + architecture.triplet() + "/" + architecture.loader())
            .toString());
    command.addAll(
        List.of(
            "--inhibit-cache",
            "--library-path",
            libraryPath(),
            "--argv0",
            program.getFileName().toString()));
    command.add(program.toString());
    command.addAll(fixedArguments);
    return new Tool(
        program.getFileName().toString(),
        command,
        new LinkedHashMap<>(environment),
        unpacked.packages());
  }

  /** A path in the tree, whether or not it exists. */
  Path path(String name) {
    return unpacked.tree().resolve(name);
  }

  HostArch architecture() {
    return architecture;
  }

  /**
   * Some libraries keep a directory of their own (pulseaudio's common part) that their users reach
   * by an rpath of /usr/lib.
   */
  private String libraryPath() {
    Path base = path("usr/lib/" + architecture.triplet());
    List<String> directories = new ArrayList<>(List.of(base.toString()));
    Path pulse = base.resolve("pulseaudio");
    if (Files.isDirectory(pulse)) {
      directories.add(pulse.toString());
    }
    return String.join(":", directories);
  }
}
