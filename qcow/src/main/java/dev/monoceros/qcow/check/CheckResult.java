package dev.monoceros.qcow.check;

import java.util.List;
import java.util.Optional;

/**
 * What a check found and did.
 *
 * @param messages one line for each finding
 * @param failure why the check stopped early, in the C library's words; the rest is incomplete then
 * @param imageEndOffset first byte of the file after the last cluster in use
 */
public record CheckResult(
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
  public CheckResult {
    messages = List.copyOf(messages);
  }
}
