package dev.monoceros.cli.boot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The initial RAM disks of a run, in the order in which they are concatenated.
 *
 * @param files as the machine gets them
 * @param origin of the automatic ones, in words
 */
record InitrdChoice(List<Path> files, String origin) {
  /** Stands for those that a run without {@code -i} gets. */
  static final Path AUTOMATIC = Path.of("auto");

  /** Makes or finds the automatic ones. */
  @FunctionalInterface
  interface Automatic<E extends Exception> {
    /** Called once for each time they are wanted. */
    InitrdChoice get() throws E;
  }

  /** None, and none is to be had. */
  static final InitrdChoice NONE = new InitrdChoice(List.of(), "none");

  /**
   * Those that were asked for, with the automatic ones in the place of {@link #AUTOMATIC}.
   *
   * @param asked what {@code -i} named; when that is nothing, the automatic ones are taken
   */
  static <E extends Exception> InitrdChoice of(List<Path> asked, Automatic<E> automatic) throws E {
    if (asked.isEmpty()) {
      return automatic.get();
    }
    List<Path> files = new ArrayList<>();
    Optional<String> origin = Optional.empty();
    for (Path file : asked) {
      if (file.equals(AUTOMATIC)) {
        InitrdChoice made = automatic.get();
        origin = Optional.of(made.origin());
        files.addAll(made.files());
      } else {
        files.add(file);
      }
    }
    String words = origin.map(made -> "as given, auto being " + made).orElse("as given");
    return new InitrdChoice(List.copyOf(files), words);
  }
}
