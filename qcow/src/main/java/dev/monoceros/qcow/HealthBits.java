package dev.monoceros.qcow;

import dev.monoceros.qcow.format.Features;
import dev.monoceros.qcow.format.Header;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;
import java.nio.ByteBuffer;

/**
 * The bits by which an image says that it is not well, section "Header", incompatible_features:
 * dirty while refcounts may lag behind, corrupt once a write would have hit metadata. Version 2 has
 * neither; there, what was found holds until the image is closed.
 */
final class HealthBits {
  private static final int VERSION_WITH_FEATURES = 3;

  private final OrderedFile file;
  private final boolean onDisk;
  private final boolean lazy;
  private long incompatible;
  private boolean corrupt;

  /** Refcounts lag behind since this image was opened, not since before. */
  private boolean lagging;

  /**
   * @param lazy whether refcounts may lag behind
   * @param before what this replaces, or null
   */
  HealthBits(OrderedFile file, Header header, boolean lazy, HealthBits before) {
    this.file = file;
    this.onDisk = header.version() >= VERSION_WITH_FEATURES;
    this.lazy = lazy && onDisk;
    this.incompatible = header.incompatible();
    this.corrupt = header.corrupt();
    this.lagging = before != null && before.lagging && header.dirty();
  }

  boolean corrupt() {
    return corrupt;
  }

  /** Call before any change: fails for a corrupt image, and announces lazy refcounts. */
  void beforeChange() throws ImageFault {
    requireSound();
    if (lazy && !lagging) {
      write(incompatible | Features.INCOMPATIBLE_DIRTY);
      lagging = true;
    }
  }

  /** Fails for a corrupt image. */
  void requireSound() throws ImageFault {
    if (corrupt) {
      throw ImageFault.corrupt(
          HeaderField.INCOMPATIBLE_FEATURES, "Image is corrupt; cannot be written to");
    }
  }

  /** True if refcounts must be made right before the image is closed. */
  boolean lagging() {
    return lagging;
  }

  /** Call with all refcounts on disk and flushed. */
  void caughtUp() throws ImageFault {
    write(incompatible & ~Features.INCOMPATIBLE_DIRTY);
    lagging = false;
  }

  /** Remembers, here and on disk, what {@code fault} found. */
  void markCorrupt(ImageFault fault) {
    corrupt = true;
    try {
      write(incompatible | Features.INCOMPATIBLE_CORRUPT);
    } catch (ImageFault e) {
      fault.addSuppressed(e);
    }
  }

  private void write(long bits) throws ImageFault {
    if (!onDisk || bits == incompatible) {
      return;
    }
    file.write(ByteBuffer.allocate(Long.BYTES).putLong(0, bits), HeaderField.INCOMPATIBLE_FEATURES);
    file.barrier();
    incompatible = bits;
  }
}
