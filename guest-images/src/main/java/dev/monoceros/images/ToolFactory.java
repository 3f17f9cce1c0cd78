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
    return toolAt(
        PackageCache.file(unpacked, "usr/" + programBelowUsr), environment, fixedArguments);
  }

  /** A program of another tree, run with the loader and libraries of this one. */
  Tool toolAt(Path program, Map<String, String> environment, List<String> fixedArguments) {
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

  List<PackageInfo> packages() {
    return unpacked.packages();
  }

  HostArch architecture() {
    return architecture;
  }

  /**
   * Some libraries keep a directory of their own that their users reach by an rpath of /usr/lib
   * (pulseaudio's common part) or by LD_LIBRARY_PATH (fakeroot's).
   */
  private String libraryPath() {
    Path base = path("usr/lib/" + architecture.triplet());
    List<String> directories = new ArrayList<>(List.of(base.toString()));
    for (String own : List.of("pulseaudio", "libfakeroot")) {
      if (Files.isDirectory(base.resolve(own))) {
        directories.add(base.resolve(own).toString());
      }
    }
    return String.join(":", directories);
  }
}
