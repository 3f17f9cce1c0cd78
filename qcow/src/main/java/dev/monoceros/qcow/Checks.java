package dev.monoceros.qcow;

import dev.monoceros.qcow.check.CheckResult;
import dev.monoceros.qcow.check.Fix;
import dev.monoceros.qcow.check.ImageCheck;
import dev.monoceros.qcow.io.ImageFault;
import dev.monoceros.qcow.io.OrderedFile;

/** The library's face of package check. */
final class Checks {
  private Checks() {}

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
