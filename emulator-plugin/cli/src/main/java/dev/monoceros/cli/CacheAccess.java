package dev.monoceros.cli;

import dev.monoceros.images.CacheOptions;
import dev.monoceros.images.PackageCache;

/** Opens the package cache as the user's environment says. */
final class CacheAccess {
  private CacheAccess() {}

  static PackageCache open(HostContext host, boolean offline, ProgressLine progress) {
    return PackageCache.open(
        CacheOptions.fromEnvironment(host.environment())
            .withOffline(offline)
            .withProgress(progress));
  }

  static ProgressLine progress(HostContext host) {
    return new ProgressLine(host.streams().err(), host.streams().errIsTerminal(), host.nanos());
  }
}
