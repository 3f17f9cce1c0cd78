package dev.monoceros.images.initramfs;

import dev.monoceros.images.ImagesException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Read access to one {@code lib/modules/RELEASE}, wherever it lies: a directory here, or a file
 * system inside a guest's disk.
 */
public interface ModuleFiles {
  /**
   * A file's bytes by its path below the directory, such as {@code modules.dep}; empty when there
   * is none.
   */
  Optional<byte[]> read(String path);

  /**
   * Paths of all module files (*.ko, *.ko.xz, ...) below the directory, sorted. Asked for only
   * where modules.dep is missing.
   */
  List<String> modulePaths();

  /** A directory of the host. */
  static ModuleFiles directory(Path directory) {
    return new DirectoryModuleFiles(directory);
  }

  /** The host's file system. */
  record DirectoryModuleFiles(Path directory) implements ModuleFiles {
    @Override
    public Optional<byte[]> read(String path) {
      Path file = directory.resolve(path);
      try {
        return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
      } catch (IOException e) {
        throw ImagesException.io("read", file, e);
      }
    }

    @Override
    public List<String> modulePaths() {
      Path kernel = directory.resolve("kernel");
      if (!Files.isDirectory(kernel)) {
        return List.of();
      }
      try (Stream<Path> files = Files.walk(kernel)) {
        return files
            .map(file -> directory.relativize(file).toString())
            .filter(ModuleCodec::isModule)
            .sorted()
            .toList();
      } catch (IOException e) {
        throw ImagesException.io("list", kernel, e);
      }
    }
  }
}
