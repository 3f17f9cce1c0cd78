package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Reason;
import dev.monoceros.cli.tool.Tool;
import dev.monoceros.cli.tool.ToolExit;
import dev.monoceros.qcow.Bitmap;
import dev.monoceros.qcow.DiskImage;
import dev.monoceros.qcow.ImageException;
import dev.monoceros.qcow.ImageInfo;
import java.util.List;

/** {@code convert --bitmaps}: the persistent bitmaps of the source, copied to the target. */
final class ConvertBitmaps {
  /** The first version of QCOW2 that has bitmaps. */
  private static final int VERSION = 3;

  private final Tool tool;
  private final DiskImage source;
  private final boolean skipBroken;

  ConvertBitmaps(Tool tool, DiskImage source, boolean skipBroken) {
    this.tool = tool;
    this.source = source;
    this.skipBroken = skipBroken;
  }

  /** Before anything is created: whether they can be copied. */
  void checkSource() throws ImageException {
    if (!supported(source)) {
      throw tool.failure("Source lacks bitmap support");
    }
    for (Bitmap bitmap : source.bitmaps().list()) {
      if (bitmap.inUse() && !skipBroken) {
        tool.error("Cannot copy inconsistent bitmap '" + bitmap.name() + "'");
        tool.errorText(
            "Try --skip-broken-bitmaps, or use 'qemu-img bitmap --remove' to delete it\n");
        throw new ToolExit(1);
      }
    }
  }

  void checkTarget(DiskImage target) throws ImageException {
    if (!supported(target)) {
      throw tool.failure(
          "Format driver '" + target.format().qemuName() + "' does not support bitmaps");
    }
  }

  private static boolean supported(DiskImage image) throws ImageException {
    return image.info().qcow2().map(ImageInfo.Qcow2::version).orElse(0) >= VERSION;
  }

  /** After the data. */
  void copyTo(DiskImage target) throws ImageException {
    List<Bitmap> bitmaps = source.bitmaps().list();
    for (Bitmap bitmap : bitmaps) {
      if (bitmap.inUse()) {
        tool.warning("Skipping inconsistent bitmap '" + bitmap.name() + "'");
      } else {
        copy(bitmap, target);
      }
    }
  }

  private void copy(Bitmap bitmap, DiskImage target) throws ImageException {
    String name = bitmap.name();
    try {
      target.bitmaps().add(name, bitmap.granularity(), bitmap.auto());
    } catch (ImageException e) {
      throw tool.failure("Failed to create bitmap " + name + ": " + Reason.of(e));
    }
    try {
      target.bitmaps().merge(name, source, name);
    } catch (ImageException e) {
      tool.error("Failed to populate bitmap " + name + ": " + Reason.of(e));
      target.bitmaps().remove(name);
      throw new ToolExit(1);
    }
  }
}
