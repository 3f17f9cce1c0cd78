package dev.monoceros.images.initramfs;

import dev.monoceros.images.ImagesException;
import dev.monoceros.images.disk.DiskSource;
import dev.monoceros.images.ext4.Ext4FormatException;
import dev.monoceros.images.ext4.Ext4Reader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Modules inside a guest's root file system. */
final class DiskModuleFiles implements ModuleFiles {
  private static final List<String> PLACES = List.of("/lib/modules/", "/usr/lib/modules/");

  private final Ext4Reader reader;
  private final String directory;

  private DiskModuleFiles(Ext4Reader reader, String directory) {
    this.reader = reader;
    this.directory = directory;
  }

  /**
   * The modules of a release, when the source is an ext4 file system that holds them with their
   * modules.dep.
   */
  static Optional<ModuleFiles> find(DiskSource fileSystem, String release) {
    try {
      Ext4Reader reader = Ext4Reader.open(fileSystem);
      for (String place : PLACES) {
        if (reader.read(place + release + "/modules.dep").isPresent()) {
          return Optional.of(new DiskModuleFiles(reader, place + release + "/"));
        }
      }
      return Optional.empty();
    } catch (Ext4FormatException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public Optional<byte[]> read(String path) {
    try {
      return reader.read(directory + path);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public List<String> modulePaths() {
    throw new IllegalStateException("only a directory with modules.dep is taken from a disk");
  }

  private static ImagesException failed(IOException cause) {
    return new ImagesException(
        ImagesException.Kind.BAD_INPUT,
        "The kernel modules on the root disk cannot be read: " + cause.getMessage() + ".",
        cause);
  }
}
