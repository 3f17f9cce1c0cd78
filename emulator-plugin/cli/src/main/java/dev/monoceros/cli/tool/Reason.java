package dev.monoceros.cli.tool;

import dev.monoceros.qcow.ImageException;

/** Why an image operation failed, as a clause in QEMU's words. */
public final class Reason {
  private Reason() {}

  /** The clause of {@code e} without the name of the image. */
  public static String of(ImageException e) {
    return e.sentence();
  }
}
