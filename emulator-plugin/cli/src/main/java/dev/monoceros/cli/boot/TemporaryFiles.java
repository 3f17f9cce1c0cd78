package dev.monoceros.cli.boot;

import dev.monoceros.cli.exit.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Files made for one run, in a directory of their own that goes with it. They are called by what
 * they are, for their paths differ every time.
 */
public final class TemporaryFiles implements AutoCloseable {
  private final Map<Path, String> names = new LinkedHashMap<>();
  private final Map<Path, String> otherNames = new LinkedHashMap<>();
  private Path directory;

  /**
   * A place for a file, in a directory of that name.
   *
   * @param fileName what to call it there
   * @param name what to call it before people
   */
  public Path add(String fileName, String name) {
    try {
      if (directory == null) {
        directory = Files.createTempDirectory("monoceros-boot-");
        directory.toFile().deleteOnExit();
      }
      // A directory for each: modules are looked for beside a kernel, and none of the host's must
      // be.
      Path own = Files.createDirectory(directory.resolve(String.valueOf(names.size())));
      own.toFile().deleteOnExit();
      Path file = own.resolve(fileName);
      file.toFile().deleteOnExit();
      names.put(file, name);
      return file;
    } catch (IOException e) {
      throw Failure.host("no temporary file can be made: " + e.getMessage(), e);
    }
  }

  /** The same with content. */
  Path add(String fileName, String name, byte[] content) {
    Path file = add(fileName, name);
    try {
      return Files.write(file, content);
    } catch (IOException e) {
      throw Failure.host(name + " cannot be copied out of the disk: " + e.getMessage(), e);
    }
  }

  /** Whether a file was made for this run. */
  public boolean made(Path file) {
    return names.containsKey(file);
  }

  /** Says what to call a file that stays, but whose path means nothing. */
  void call(Path file, String name) {
    otherNames.put(file, name);
  }

  /** What to call a file: of others, their path. */
  public String name(Path file) {
    return names.getOrDefault(file, otherNames.getOrDefault(file, file.toString()));
  }

  @Override
  public void close() {
    try {
      for (Path file : names.keySet()) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.getParent());
      }
      if (directory != null) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      // They lie in the directory for such files, and are marked for deletion at exit.
    }
  }
}
