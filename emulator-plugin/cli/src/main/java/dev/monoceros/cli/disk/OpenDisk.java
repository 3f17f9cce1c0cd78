package dev.monoceros.cli.disk;

import dev.monoceros.machine.DiskSpec;
import java.io.IOException;

/** An open image, to be looked into. */
public interface OpenDisk extends DiskReader, AutoCloseable {
  /**
   * Opens what a disk option names, for reading only.
   *
   * @throws IOException with one sentence for the user
   */
  static OpenDisk open(DiskSpec spec) throws IOException {
    return FileReader.open(spec.file());
  }

  @Override
  void close() throws IOException;
}
