package dev.monoceros.cli.img;

import dev.monoceros.cli.tool.Json;
import dev.monoceros.qcow.CheckReport;
import dev.monoceros.qcow.DiskImage;
import java.util.Locale;

/** The two forms of {@code check}'s output. */
final class CheckText {
  private static final double PERCENT = 100.0;

  private CheckText() {}

  /** What is said between a repair and the check after it. */
  static String repaired(CheckReport report) {
    return "The following inconsistencies were found and repaired:\n\n    "
        + report.leaksFixed()
        + " leaked clusters\n    "
        + report.corruptionsFixed()
        + " corruptions\n\nDouble checking the fixed image now...\n";
  }

  static String human(CheckReport report) {
    StringBuilder text = new StringBuilder();
    if (report.clean()) {
      text.append("No errors were found on the image.\n");
    }
    if (report.corruptions() > 0) {
      text.append('\n')
          .append(report.corruptions())
          .append(
              " errors were found on the image.\n"
                  + "Data may be corrupted, or further writes to the image may corrupt it.\n");
    }
    if (report.leaks() > 0) {
      text.append('\n')
          .append(report.leaks())
          .append(
              " leaked clusters were found on the image.\n"
                  + "This means waste of disk space, but no harm to data.\n");
    }
    if (report.checkErrors() > 0) {
      text.append('\n')
          .append(report.checkErrors())
          .append(" internal errors have occurred during the check.\n");
    }
    if (report.totalClusters() != 0 && report.allocatedClusters() != 0) {
      double allocated = report.allocatedClusters();
      text.append(
          String.format(
              Locale.ROOT,
              "%d/%d = %.2f%% allocated, %.2f%% fragmented, %.2f%% compressed clusters%n",
              report.allocatedClusters(),
              report.totalClusters(),
              allocated * PERCENT / report.totalClusters(),
              report.fragmentedClusters() * PERCENT / allocated,
              report.compressedClusters() * PERCENT / allocated));
    }
    if (report.imageEndOffset() > 0) {
      text.append("Image end offset: ").append(report.imageEndOffset()).append('\n');
    }
    return text.toString();
  }

  /**
   * @param leaksFixed by the check before this one
   * @param corruptionsFixed by the check before this one
   */
  static Json json(
      CheckReport report, String name, DiskImage image, long leaksFixed, long corruptionsFixed) {
    Json.Members object =
        Json.members()
            .put("filename", name)
            .put("format", image.format().qemuName())
            .put("check-errors", report.checkErrors());
    putUnlessZero(object, "image-end-offset", report.imageEndOffset());
    putUnlessZero(object, "corruptions", report.corruptions());
    putUnlessZero(object, "leaks", report.leaks());
    putUnlessZero(object, "corruptions-fixed", corruptionsFixed);
    putUnlessZero(object, "leaks-fixed", leaksFixed);
    putUnlessZero(object, "total-clusters", report.totalClusters());
    putUnlessZero(object, "allocated-clusters", report.allocatedClusters());
    putUnlessZero(object, "fragmented-clusters", report.fragmentedClusters());
    putUnlessZero(object, "compressed-clusters", report.compressedClusters());
    return object;
  }

  private static void putUnlessZero(Json.Members object, String key, long value) {
    if (value != 0) {
      object.put(key, value);
    }
  }
}
