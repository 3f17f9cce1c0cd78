package dev.monoceros.qcow;

import java.util.List;
import java.util.Optional;

/**
 * What a check found, with the fields of {@code qemu-img check --output=json}.
 *
 * @param messages one line for each finding, in QEMU's words
 * @param failure why the check stopped before its end, in the C library's words ("Invalid
 *     argument"); the other fields are then incomplete
 * @param imageEndOffset first byte of the file after the last cluster in use
 * @param checkErrors what could not be checked because of host errors
 * @param leaks clusters that nothing points at, left over
 * @param corruptions what is wrong, left over
 * @param leaksFixed mended by this check
 * @param corruptionsFixed mended by this check
 * @param totalClusters of the disk
 * @param allocatedClusters of the disk
 * @param fragmentedClusters allocated ones that do not follow their predecessor in the file
 * @param compressedClusters allocated ones that are compressed
 */
public record CheckReport(
    List<String> messages,
    Optional<String> failure,
    long imageEndOffset,
    long checkErrors,
    long leaks,
    long corruptions,
    long leaksFixed,
    long corruptionsFixed,
    long totalClusters,
    long allocatedClusters,
    long fragmentedClusters,
    long compressedClusters) {
  public CheckReport {
    messages = List.copyOf(messages);
  }

  /** True if nothing is wrong with the image now. */
  public boolean clean() {
    return failure.isEmpty() && checkErrors == 0 && leaks == 0 && corruptions == 0;
  }
}
