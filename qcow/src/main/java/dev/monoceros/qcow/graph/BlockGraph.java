package dev.monoceros.qcow.graph;

import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageFormat;
import dev.monoceros.qcow.OpenOptions;
import java.nio.file.Path;
import java.util.Optional;

/** Opens what a QEMU file name describes. */
public final class BlockGraph {
  private BlockGraph() {}

  /**
   * Opens a file name as {@code qemu-img} takes it on its command line.
   *
   * @param name a path, {@code file:PATH} or {@code json:{...}}
   * @param format name of a driver as in {@code -f}; empty to probe
   * @param options its format is not looked at
   */
  public static DiskImage open(String name, Optional<String> format, OpenOptions options)
      throws ImageException {
    ImageFormat known = ImageFormat.PROBE;
    for (ImageFormat f : ImageFormat.values()) {
      if (f.qemuName().equals(format.orElse(""))) {
        known = f;
      }
    }
    return DiskImage.open(Path.of(name), options.withFormat(known));
  }

  /**
   * Opens {@code --image-opts} text: {@code driver=qcow2,file.filename=x,...}.
   *
   * @param text keys and values as QEMU's option parser takes them; a comma in a value is doubled
   */
  public static DiskImage openOptions(String text, OpenOptions options) throws ImageException {
    return open(text, Optional.empty(), options);
  }
}
