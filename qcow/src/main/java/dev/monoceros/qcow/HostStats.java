package dev.monoceros.qcow;

import dev.monoceros.qcow.io.OrderedFile;

/**
 * What the host did for holes, for which Java has no API.
 *
 * @param knowsHoles whether holes can be made and found in this file; if not, zeros are written and
 *     everything is reported as data. Native access for this module decides it, and the host.
 * @param punchedBytes given back to the host
 * @param writtenZeroBytes written as zeros because the host had no better call
 */
public record HostStats(boolean knowsHoles, long punchedBytes, long writtenZeroBytes) {
  static HostStats of(OrderedFile file) {
    return new HostStats(file.knowsHoles(), file.punchedBytes(), file.writtenZeroBytes());
  }
}
