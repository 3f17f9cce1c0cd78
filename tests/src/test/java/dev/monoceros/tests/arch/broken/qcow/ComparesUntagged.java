package dev.monoceros.tests.arch.broken.qcow;

import dev.monoceros.qcow.oracle.QemuImg;
import java.nio.file.Path;

/** A test that asks qemu-img through a helper, and does not say so. */
public final class ComparesUntagged {
  private ComparesUntagged() {}

  static boolean compare(Path image) {
    return Helper.isClean(image);
  }

  private static final class Helper {
    static boolean isClean(Path image) {
      return QemuImg.check(image) == QemuImg.Check.CLEAN;
    }
  }
}
