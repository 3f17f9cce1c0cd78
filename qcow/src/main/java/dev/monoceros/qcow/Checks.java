package dev.monoceros.qcow;

import dev.monoceros.qcow.check.CheckResult;
import dev.monoceros.qcow.check.Fix;
import dev.monoceros.qcow.check.ImageCheck;
import dev.monoceros.qcow.format.HeaderField;
import dev.monoceros.qcow.io.ErrorKind;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/** The library's face of package check. */
final class Checks {
  private Checks() {}

  /** Mends an image that was not closed cleanly, so that it may be written to. */
  static void repairDirty(OrderedFile file) throws ImageFault {
    CheckReport report = run(file, Repair.ALL);
    if (report.failure().isPresent() || report.checkErrors() > 0) {
      throw new ImageFault(
          ErrorKind.DIRTY,
          HeaderField.INCOMPATIBLE_FEATURES,
          "Could not repair dirty image: " + report.failure().orElse("Input/output error"));
    }
  }

  /**
   * @param file in which nothing is unwritten
   */
  static CheckReport run(OrderedFile file, Repair repair) throws ImageFault {
    Fix fix =
        switch (repair) {
          case NONE -> Fix.NONE;
          case LEAKS -> Fix.LEAKS;
          case ALL -> Fix.ALL;
        };
    CheckResult result = ImageCheck.run(file, fix);
    return new CheckReport(
        result.messages(),
        result.failure(),
        result.imageEndOffset(),
        result.checkErrors(),
        result.leaks(),
        result.corruptions(),
        result.leaksFixed(),
        result.corruptionsFixed(),
        result.totalClusters(),
        result.allocatedClusters(),
        result.fragmentedClusters(),
        result.compressedClusters());
  }
}
